"""The taxonomy as a whole, held to labels that a person gave to made-up prompts of all the usual kinds."""

import json
from pathlib import Path

import pytest

from collect_pipeline.categories import CATEGORIES, Taxonomy, categorize
from collect_pipeline_tests.categories.conftest import (
    Connection,
    add_prompts,
    categories_of,
    level_of,
    new_connection,
    primary_of,
)

LABELLED = [
    json.loads(line)
    for line in Path(__file__).with_name("labelled_prompts.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def categorized(taxonomy: Taxonomy) -> Connection:
    """The labelled prompts in a warehouse, categorized; the prompt's number is its line."""
    connection = new_connection()
    add_prompts(connection, {number: row["prompt"] for number, row in enumerate(LABELLED)})
    categorize(connection, taxonomy)
    return connection


def test_each_category_agrees_with_the_labels(categorized: Connection) -> None:
    scores = {}
    for category in CATEGORIES:
        wanted = {number for number, row in enumerate(LABELLED) if category in row["categories"]}
        got = {number for number in range(len(LABELLED)) if category in categories_of(categorized, number)}
        scores[category] = 2 * len(wanted & got) / (len(wanted) + len(got))
    assert min(scores.values()) >= 0.85, scores
    assert sum(scores.values()) / len(scores) >= 0.95, scores


def test_the_primary_category_agrees_with_the_labels(categorized: Connection) -> None:
    right = sum([row["primary"]] == primary_of(categorized, n) for n, row in enumerate(LABELLED))
    assert right / len(LABELLED) >= 0.85


def test_the_nsfw_level_agrees_with_the_labels(categorized: Connection) -> None:
    right = sum({row["nsfw_level"]} == level_of(categorized, n) for n, row in enumerate(LABELLED))
    assert right / len(LABELLED) >= 0.95
