"""What may stand in the taxonomy's files, and what they spell out."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from collect_pipeline.categories import CATEGORIES, Taxonomy, TaxonomyError, load
from collect_pipeline_tests.categories.conftest import Connection, write_taxonomy

Small = Callable[[Mapping[str, Sequence[str]]], Taxonomy]


def test_the_package_comes_with_several_thousand_phrases_in_all_categories(taxonomy: Taxonomy) -> None:
    found = {category for meaning in taxonomy.meanings.values() for category in meaning.categories}
    assert found >= set(CATEGORIES)
    assert len(taxonomy.meanings) > 10_000


def test_spellings_with_the_same_words_say_the_same(taxonomy: Taxonomy, connection: Connection) -> None:
    phrases = list(taxonomy.meanings)
    forms = connection.execute("SELECT match_form(phrase) FROM (SELECT unnest(?) AS phrase)", [phrases]).fetchall()
    meanings = defaultdict(set)
    for (form,), meaning in zip(forms, taxonomy.meanings.values(), strict=True):
        meanings[form].add((frozenset(meaning.categories), meaning.nsfw_level, meaning.scope))
    plain = {form: kinds for form, kinds in meanings.items() if form and len(kinds) > 1}
    assert plain == {}
    assert "" not in meanings


def test_patterns_spell_out_classes_alternatives_and_options(small: Small) -> None:
    taxonomy = small(
        {
            "action": ["(run|walk)ning(s),,,"],
            "clothing": ["{color} {garment},,,"],
            "words": ["color,blue", "color,red", "garment,coat", "garment,hat"],
        }
    )
    assert set(taxonomy.meanings) == {
        "running", "runnings", "walkning", "walknings", "blue coat", "blue hat", "red coat", "red hat",
    }  # fmt: skip


def test_regular_plurals_come_by_themselves_unless_a_line_says_otherwise(small: Small) -> None:
    taxonomy = small({"subject": ["fox,,,", "glass,,,", "lady,,,", "policeman,,,"], "clothing": ["glasses,,,"]})
    categories = {phrase: meaning.categories for phrase, meaning in taxonomy.meanings.items()}
    assert categories["foxes"] == categories["ladies"] == categories["policemen"] == ("subject",)
    assert categories["glasses"] == ("clothing",)


def test_two_words_may_be_written_as_one_unless_a_line_says_otherwise(small: Small) -> None:
    taxonomy = small(
        {"composition": ["cowboy shot,,,"], "subject": ["man hole,,,", "red cat,,,", "space-ship,,,"],
         "nothing": ["camp counselor,,,", "spaceship,,,"]}
    )  # fmt: skip
    categories = {phrase: meaning.categories for phrase, meaning in taxonomy.meanings.items()}
    assert categories["cowboyshot"] == ("composition",)
    assert categories["spaceship"] == ("nothing",)
    assert not {"manhole", "redcat", "campcounselor"} & set(categories)


def test_a_plain_line_wins_over_a_pattern(small: Small) -> None:
    taxonomy = small({"nothing": ["red hat,,,"], "clothing": ["{color} hat,,,"], "words": ["color,blue", "color,red"]})
    assert {phrase: meaning.categories for phrase, meaning in taxonomy.meanings.items()} == {
        "blue hat": ("clothing",),
        "red hat": ("nothing",),
    }


def test_the_version_follows_the_content(small: Small) -> None:
    first = small({"subject": ["cat,,,"]})
    again = small({"subject": ["cat,,,"]})
    other = small({"subject": ["cat,,,", "dog,,,"]})
    assert first.version == again.version != other.version


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ({"mood": ["calm,,,", "angry,,,"]}, "mood.csv, line 3: 'angry' is not sorted"),
        ({"mood": ["calm,,,", "calm,,,"]}, "mood.csv, line 3: 'calm' is not sorted after 'calm'"),
        ({"mood": ["calm,,,"], "action": ["calm,,,"]}, "already defined in action.csv, line 2"),
        ({"mood": ["calm,weather,,"]}, "'weather' in column also"),
        ({"mood": ["calm,,suggestive,"]}, "nsfw_level is needed for category nsfw, and for nothing else"),
        ({"nsfw": ["nude,,,"]}, "nsfw.csv, line 2: nsfw_level is needed"),
        ({"nsfw": ["nude,,severe,"]}, "'severe' is not one of suggestive, mature, explicit"),
        ({"mood": ["calm,,,middle"]}, "scope 'middle'"),
        ({"mood": ["calm,,"]}, "3 columns where 4 are needed"),
        ({"mood": ["{feeling} face,,,"]}, "{feeling} does not exist"),
        ({"mood": ["(calm,,,"]}, "brackets"),
        ({"mood": [" calm,,,"]}, "spaces before or after"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, lines: Mapping[str, Sequence[str]], says: str) -> None:
    write_taxonomy(tmp_path, lines)
    with pytest.raises(TaxonomyError) as error:
        load(tmp_path)
    assert says in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_taxonomy(tmp_path, {})
    (tmp_path / "mood.csv").unlink()
    with pytest.raises(TaxonomyError, match=r"mood\.csv"):
        load(tmp_path)
