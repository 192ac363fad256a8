"""What the package's taxonomy says about single phrases and short prompts."""

import pytest

from collect_pipeline.categories import Explanation, categorize, explain
from collect_pipeline_tests.categories.conftest import Connection, new_connection


@pytest.fixture(scope="module")
def warehouse() -> Connection:
    """One for all, which knows the taxonomy already; an explanation leaves nothing behind."""
    connection = new_connection()
    categorize(connection)
    return connection


def said(found: Explanation) -> dict[str, tuple[str, ...]]:
    """Category to keywords."""
    return {result.category: result.keywords for result in found.results}


@pytest.mark.parametrize(
    ("prompt", "categories", "level"),
    [
        ("a zebra in brown bracken, library", {"subject", "setting"}, "none"),
        ("lightning storm over the sea, thunder", {"setting"}, "none"),
        ("mature oak tree, miniature village, essex countryside", None, "none"),
        ("dark hair, dark blue eyes, bright smile, beach", {"appearance", "mood", "setting"}, "none"),
        (
            "nude color lipstick, makeup portrait of a news anchor",
            {"appearance", "composition", "subject"},
            "none",
        ),
        ("no nudity, not nsfw, fully clothed, sfw", {"clothing"}, "none"),
        (
            "masterpiece, best quality, cinematic lighting, oil painting, low angle, melancholic, 8k",
            {"quality", "lighting", "style", "composition", "mood", "technical"},
            "none",
        ),
        ("close-up, 16:9, f/1.4, 35mm, see-through window", {"composition", "technical"}, "none"),
        ("傑作, 最高品質, 美少女, 夕焼け, 逆光", {"quality", "subject", "lighting", "setting"}, "none"),
        (
            "photo of a man in a black suit, rain, street, umbrella",
            {"style", "subject", "clothing", "setting"},
            "none",
        ),
        (
            "shining armor, hdmi cable, isometric, a gift box, championship belt",
            {"lighting", "clothing", "composition", "subject"},
            "none",
        ),
    ],
)
def test_what_the_old_tool_got_wrong_comes_out_right(
    warehouse: Connection, prompt: str, categories: set[str] | None, level: str
) -> None:
    found = explain(warehouse, prompt)
    assert found.nsfw_level == level
    assert "nsfw" not in said(found)
    if categories is not None:
        assert set(said(found)) - {"lighting"} == categories - {"lighting"}


def test_lightning_is_weather_and_not_light(warehouse: Connection) -> None:
    assert "lighting" not in said(explain(warehouse, "lightning storm over the sea, thunder"))


@pytest.mark.parametrize(
    "word", ["brown bear", "essex", "lightning", "hdmi", "zebra", "scarlet ibis", "grass", "assassin", "cockpit"]
)
def test_a_word_within_a_word_says_nothing(warehouse: Connection, word: str) -> None:
    found = explain(warehouse, f"{word}, premature")
    assert not {"nsfw", "lighting", "technical", "color"} & set(said(found))


@pytest.mark.parametrize("prompt", ["hdmi", "essex", "wtrclr1", "ohwx", "<lora:nude_v1:0.8>", "", ",,,"])
def test_what_nobody_could_read_is_uncategorized(warehouse: Connection, prompt: str) -> None:
    found = explain(warehouse, prompt)
    assert [(r.category, r.confidence, r.is_primary) for r in found.results] == [("uncategorized", 0.0, True)]


@pytest.mark.parametrize(
    ("prompt", "category", "denied"),
    [
        ("no humans, forest", "subject", "humans"),
        ("a woman without glasses", "clothing", "glasses"),
        ("not nsfw, woman", "nsfw", "nsfw"),
        ("portrait without hat or gloves", "clothing", "gloves"),
        ("no visible stars", "setting", "stars"),
        ("forest, not a horse", "subject", "horse"),
        ("portrait, no hat nor scarf", "clothing", "scarf"),
    ],
)
def test_what_is_denied_does_not_count(warehouse: Connection, prompt: str, category: str, denied: str) -> None:
    found = explain(warehouse, prompt)
    assert category not in said(found)
    assert [p.phrase for p in found.phrases if p.negated and p.phrase == denied] == [denied]


def test_a_negation_reaches_no_further_than_what_it_denies(warehouse: Connection) -> None:
    found = said(explain(warehouse, "a woman without glasses standing in a forest"))
    assert set(found) == {"subject", "action", "setting"}


@pytest.mark.parametrize(
    ("prompt", "level"),
    [
        ("a castle", "none"),
        ("1girl, bikini, beach", "none"),
        ("sexy, cleavage", "suggestive"),
        ("a gown revealing her slender figure", "suggestive"),
        ("tied wrists", "suggestive"),
        ("bare shoulders, navel, corset", "none"),
        ("lace lingerie", "suggestive"),
        ("nude, lying on bed", "mature"),
        ("no bra", "mature"),
        ("corpse, blood splatter", "mature"),
        ("hentai", "mature"),
        ("nude, having sex", "explicit"),
        ("裸, 性交", "explicit"),
    ],
)
def test_the_nsfw_level_is_the_highest_that_a_phrase_says(warehouse: Connection, prompt: str, level: str) -> None:
    assert explain(warehouse, prompt).nsfw_level == level


@pytest.mark.parametrize(
    ("prompt", "category", "keyword"),
    [
        ("(long_blonde_hair:1.2)", "appearance", "long blonde hair"),
        ("RED DRESS", "clothing", "red dress"),
        ("woman’s portrait", "subject", "woman"),
        ("two knights", "subject", "two knights"),
        ("art by nobody-knows", "style", "art by"),
        ("85mm, f/2.8", "technical", "85mm"),
        ("黑色长发的美少女在樱花树下", "setting", "樱花树"),
        ("26 y.o woman", "appearance", "26 y o"),
    ],
)
def test_a_phrase_is_found_in_any_spelling(warehouse: Connection, prompt: str, category: str, keyword: str) -> None:
    found = said(explain(warehouse, prompt))
    assert category in found
    words = {word.replace(".", " ").replace("-", " ") for word in found[category]}
    assert keyword in words or any(word in keyword for word in words)


def test_the_colour_of_a_thing_is_not_the_colour_of_the_picture(warehouse: Connection) -> None:
    assert "color" not in said(explain(warehouse, "red dress, blue eyes, black and white cat"))
    assert said(explain(warehouse, "red, castle"))["color"] == ("red",)


def test_prose_counts_as_tags_do(warehouse: Connection) -> None:
    found = said(explain(warehouse, "She stands in a rainy street lit by neon"))
    assert set(found) == {"subject", "action", "setting", "lighting"}


@pytest.mark.parametrize("prompt", ["a fur-free wall", "nobody, 1.5m wall", "no one at the wall"])
def test_what_is_said_to_be_missing_does_not_count_either(warehouse: Connection, prompt: str) -> None:
    assert set(said(explain(warehouse, prompt))) == {"setting"}


@pytest.mark.parametrize(
    ("prompt", "categories"),
    [
        *((phrase, {"lighting", "setting"}) for phrase in ("sunset", "sunrise", "golden hour", "dusk", "dawn")),
        *((phrase, {"setting"}) for phrase in ("night", "day", "dark forest at night")),
        *((phrase, {"mood"}) for phrase in ("smile", "blush", "open mouth", "tongue out", ":o")),
        *((phrase, {"style"}) for phrase in ("realistic", "photorealistic", "hyperrealistic", "photograph")),
        *((phrase, {"technical"}) for phrase in ("RAW photo", "DSLR", "film grain")),
        *((phrase, {"composition"}) for phrase in ("sharp focus", "bokeh", "motion blur", "fisheye", "tilt-shift")),
        *((phrase, {"technical"}) for phrase in ("fisheye lens", "macro lens", "tilt-shift lens")),
        ("trending on artstation", {"quality"}),
        *((phrase, {"style"}) for phrase in ("diagram", "infographic", "movie poster")),
        ("character sheet", {"style", "composition"}),
        ("naked apron", {"nsfw", "clothing"}),
        *((phrase, {"nsfw", "appearance"}) for phrase in ("large breasts", "flat chest", "busty")),
        ("looking at viewer", {"composition"}),
        ("looking away", {"action"}),
        ("beautiful woman", {"quality", "subject"}),
        ("bikini", {"clothing"}),
        ("sexy", {"nsfw"}),
        ("lightning", {"setting"}),
        ("light blue dress", {"clothing"}),
        ("pastel colors", {"color"}),
        *((phrase, {"color"}) for phrase in ("dark theme", "orange and teal", "teal duotone", "hints of green")),
        ("colorful painting", {"color", "style"}),
        ("high contrast", {"lighting"}),
        ("cute", {"appearance"}),
        ("very dramatic", {"mood"}),
        ("official art", {"style"}),
        ("perfect lighting", {"lighting"}),
        *((phrase, {"nsfw", "clothing"}) for phrase in ("latex gloves", "sheer black blouse", "chest harness")),
        *((phrase, {"clothing"}) for phrase in ("corset", "safety harness", "leather gloves")),
        ("sensual lighting", {"lighting", "mood"}),
    ],
)
def test_edge_cases_are_decided(warehouse: Connection, prompt: str, categories: set[str]) -> None:
    assert set(said(explain(warehouse, prompt))) == categories


@pytest.mark.parametrize(
    ("prompt", "category"),
    [
        ("a colorful dress", "color"),
        ("a battle mech", "action"),
        ("a coin in his hand", "appearance"),
        ("an old castle", "appearance"),
        ("burning city, flying car", "action"),
        ("a girl with her hair blowing in the wind", "action"),
        ("high contrast", "color"),
        ("sitting on a chair", "setting"),
        ("black and white dress", "color"),
        ("wearing Ray-Ban glasses", "lighting"),
    ],
)
def test_a_word_that_speaks_of_something_else_does_not_count(warehouse: Connection, prompt: str, category: str) -> None:
    assert category not in said(explain(warehouse, prompt))
