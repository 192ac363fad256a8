"""The dataset card as the Hugging Face hub and a reader see it."""

from dataclasses import replace

import pytest
import yaml  # type: ignore[import-untyped]

from collect_pipeline.dataset.card import body_of, card
from collect_pipeline.dataset.export import Export
from collect_pipeline.dataset.facts import Facts, Version, read_facts
from collect_pipeline.dataset.formats import Format
from collect_pipeline.dataset.tables import TABLES, columns
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.dataset.conftest import add_images


@pytest.fixture(scope="module")
def facts(collected: Warehouse) -> Facts:
    with collected.snapshot() as connection:
        return read_facts(connection)


def head_of(text: str) -> dict[str, object]:
    head = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(head, dict)
    return head


def written(collected: Warehouse, facts: Facts, prompts: int = 100) -> str:
    with collected.snapshot() as connection:
        described = {table.name: columns(connection, table) for table in TABLES}
    return card(facts, Format.PARQUET, described, {"prompts": prompts, "images": 10}, "stamp")


@pytest.mark.parametrize("file_format", list(Format))
def test_the_head_is_what_the_hub_reads(exports: dict[Format, Export], file_format: Format) -> None:
    done = exports[file_format]
    assert (done.folder / "README.md").read_text(encoding="utf-8") == done.card
    head = head_of(done.card)
    assert head["license"] == "other"
    assert head["size_categories"] == ["n<1K"]
    assert head["language"] == ["en", "ja", "zh"]
    assert "not-for-all-audiences" in str(head["tags"])
    configs = head["configs"]
    assert isinstance(configs, list)
    for config in configs:
        [files] = config["data_files"]
        assert files["split"] == "train"
        assert list(done.folder.glob(files["path"]))
    assert [config["config_name"] for config in configs] == ["prompts", "images"]


def test_every_field_has_its_meaning(exports: dict[Format, Export]) -> None:
    done = exports[Format.PARQUET]
    for described in done.columns.values():
        for column in described:
            assert column.meaning
            assert f"| `{column.name}` | `{column.type}` |" in done.card


def test_the_body_says_what_is_in_it(collected: Warehouse, facts: Facts) -> None:
    body = body_of(written(collected, facts))
    assert body.startswith("# ")
    assert f"| images | {facts.images} |" in body
    assert "belong\nto their makers" in body
    assert "[Paper Lantern Watercolour](https://civitai.com/models/640210?modelVersionId=" in body
    assert str(facts.taxonomy_version) in body
    assert "$" not in body


def test_a_dataset_for_all_audiences_is_not_marked(collected: Warehouse, facts: Facts) -> None:
    mild = replace(facts, browsing_levels=3, nsfw_levels={"none": 7, "suggestive": 2})
    text = written(collected, mild)
    assert "not-for-all-audiences" not in text
    assert "No image is rated above PG-13" in text
    for mature in (replace(mild, browsing_levels=4), replace(mild, nsfw_levels={"explicit": 1})):
        assert "not-for-all-audiences" in written(collected, mature)


def test_images_whose_level_nobody_knows_are_not_called_harmless(own_warehouse: Warehouse) -> None:
    mild = {"browsing_levels": 3, "nsfw_levels": {"none": 7}}
    add_images(own_warehouse, {1: "castle", 2: None}, version_id=7)
    with own_warehouse.snapshot() as connection:
        unrated = replace(read_facts(connection), **mild)  # type: ignore[arg-type]  # fields by name
    assert unrated.unrated_images == 2
    text = written(own_warehouse, unrated)
    assert "No image is rated above PG-13" not in text
    assert "The maturity of 2 images is not known" in text
    assert "not-for-all-audiences" in text
    assert "No image is rated above PG-13" in written(own_warehouse, replace(unrated, unrated_images=0))


@pytest.mark.parametrize(
    ("prompts", "category"),
    [(999, "n<1K"), (1_000, "1K<n<10K"), (99_999, "10K<n<100K"), (2_000_000, "1M<n<10M"), (10**9, "100M<n<1B")],
)
def test_the_size_is_that_of_the_larger_table(collected: Warehouse, facts: Facts, prompts: int, category: str) -> None:
    assert head_of(written(collected, facts, prompts))["size_categories"] == [category]


def test_names_from_outside_cannot_write_into_the_card(collected: Warehouse, facts: Facts) -> None:
    nasty = Version(5, 4, "a | b](javascript:x)\n---\n<script>", "`v`", "*x*", 1, 1)
    body = body_of(written(collected, replace(facts, versions=[nasty])))
    [row] = [line for line in body.splitlines() if "javascript" in line]
    assert "<script>" not in row.replace("\\<", "")
    assert row.replace("\\|", "").count("|") == 7
    assert "](javascript" not in row.replace("\\]", "")


def test_a_version_that_is_only_named_is_said_to_be_not_followed(exports: dict[Format, Export]) -> None:
    [row] = [line for line in exports[Format.PARQUET].card.splitlines() if line.startswith("| not followed |")]
    assert "| 7 |" in row


def test_many_versions_are_cut(collected: Warehouse, facts: Facts) -> None:
    many = [Version(number, None, None, None, None, 1, 1) for number in range(1, 131)]
    assert "And 30 more." in written(collected, replace(facts, versions=many))
