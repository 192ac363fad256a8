"""Nothing mature is unmasked unless it was asked for."""

import re

import pytest

from collect_pipeline.report.masking import Masking
from collect_pipeline.report.reading import read_nsfw_levels
from collect_pipeline_tests.report.conftest import UNMASKED, Filled
from collect_pipeline_tests.report.page_reader import PageReader

LEVELS = {
    "nude": "explicit",
    "naked apron": "mature",
    "cleavage": "suggestive",
    "style": None,
    "hentai": "mature",
    "hentai style": "suggestive",
    "nsfw": "mature",
    "blood": "mature",
    "blood orange": None,
    "裸": "mature",
}


@pytest.fixture(scope="module")
def masking() -> Masking:
    return Masking(LEVELS, show_mature=False)


@pytest.mark.parametrize("word", UNMASKED)
def test_mature_wording_is_masked_on_the_page(page: PageReader, word: str) -> None:
    assert not re.search(rf"(?<![a-z]){word}", page.words())


@pytest.mark.parametrize("word", ["nude", "nipples", "pussy", "hentaimix", "cleavage", "nude_lantern_v2"])
def test_it_is_shown_to_those_who_ask(open_page: PageReader, word: str) -> None:
    assert word in open_page.words()
    assert "•" not in open_page.words()


def test_no_phrase_that_the_warehouse_knows_as_nsfw_is_on_the_page(filled: Filled, page: PageReader) -> None:
    phrases = {
        str(phrase)
        for (phrase,) in filled.query("SELECT DISTINCT phrase FROM segment_categories WHERE category = 'nsfw'")
    }
    assert len(phrases) > 5
    assert not phrases.intersection(text.lower() for text in page.texts)


def test_what_is_masked_can_still_be_told_apart(page: PageReader) -> None:
    names = [row[0] for row in page.table("all-loras", "LoRAs that most images name").rows]
    assert "n••e_lantern_v2" in names
    assert "H••••iMix" in names
    phrases = [row[0] for row in page.table("all-phrases", "Phrases of nsfw").rows]
    assert "c••••••e" in phrases


def test_harmless_wording_is_left_alone(page: PageReader) -> None:
    assert "blood orange on a plate, oil painting" in page.words()


def test_a_mature_prompt_is_not_shown_however_often_it_is_used(page: PageReader, open_page: PageReader) -> None:
    caption = "Prompts that most images have"
    masked = [row[0] for row in page.table("all-repeated", caption).rows]
    shown = [row[0] for row in open_page.table("all-repeated", caption).rows]
    assert len(masked) == len(shown)
    explicit = f"version-{1_204_771}-repeated"
    assert "(not shown: explicit)" in [row[0] for row in page.table(explicit, caption).rows]
    assert "nipples, pussy, 1girl" in [row[0] for row in open_page.table(explicit, caption).rows]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nude_photo-v2", "N••e_photo-v2"),
        ("NudeMix", "N••eMix"),
        ("NSFWmix2", "N••Wmix2"),
        ("nude2", "n••e2"),
        ("my naked apron LoRA", "my n•••d a•••n LoRA"),
        ("Blood Orange", "Blood Orange"),
        ("blood orange blood", "blood orange b•••d"),
        ("Hentai style", "H••••i style"),
        ("裸の絵", "•の絵"),
        ("denude", "denude"),
        ("cleavage", "cleavage"),
        ("a\x00b\u202ec\n d", "a b c d"),
        ("", ""),
    ],
)
def test_names(masking: Masking, name: str, shown: str) -> None:
    assert masking.name(name) == shown


@pytest.fixture(scope="module")
def own(filled: Filled) -> Masking:
    """By the whole taxonomy."""
    with filled.warehouse.snapshot() as connection:
        return Masking(read_nsfw_levels(connection), show_mature=False)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("pornmasterPro_v8", "p••nmasterPro_v8"),
        ("softporn", "softp••n"),
        ("nsfwmodel", "n••wmodel"),
        ("hentaimix", "h••••imix"),
        ("MyHENTAIMIX2", "MyH••••IMIX2"),
        ("nudemix", "n••emix"),
        ("realnude-xl", "realn••e-xl"),
        ("blowjobpov", "b•••••bpov"),
        ("myblowjob", "myb•••••b"),
        ("hentaïmix", "h••••ïmix"),
        ("porn'staring", "p••••••••••g"),
    ],
)
def test_mature_words_at_either_end_of_a_compound_are_masked(own: Masking, name: str, shown: str) -> None:
    assert own.name(name) == shown
    assert own.prompt(f"castle <lora:{name}:1>", "none") == f"castle <lora:{shown}:1>"


@pytest.mark.parametrize(
    "words",
    [
        "Essex Sussex cockpit peacocks analog assassin nudge denude grapes canals Dickens Hancock Scunthorpe cumulus",
        "draped scraped thorny changed exchanged persevered trimming brimming horsemen norsemen categories carnivores",
        "bloodline bloodhound Bloodborne visceral executioner explicitly Squirtle pussycat vibratory heterosexual",
        "manslaughter snuffbox sclerotica carousal pubescent labial penistone suicidesquad spunky title basement",
    ],
)
def test_words_that_only_look_like_it_are_left_alone(own: Masking, words: str) -> None:
    assert own.name(words) == words
    assert own.prompt(words, "none") == words


def test_phrases_are_masked_as_a_whole_or_not_at_all(masking: Masking) -> None:
    assert masking.phrase("naked apron") == "n•••d a•••n"
    assert masking.phrase("hentai style") == "h••••i s•••e"
    assert masking.phrase("apron") == "apron"


def test_prompts_by_level(masking: Masking) -> None:
    assert masking.prompt("castle, (cleavage:1.2)", "suggestive") == "castle, (c••••••e:1.2)"
    assert masking.prompt("castle", "mature") == "(not shown: mature)"
    assert masking.prompt("castle", None) == "(not shown: not categorized yet)"
    assert Masking(LEVELS, show_mature=True).prompt("nude castle", "explicit") == "nude castle"
