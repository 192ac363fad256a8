"""Reports on very little and on very much."""

from dataclasses import replace
from pathlib import Path

import pytest

from collect_pipeline.report import Report, UnknownVersionError, UnwritableReportError, build_report, write_page
from collect_pipeline.report.page import render_page
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.conftest import CLAY
from collect_pipeline_tests.report.conftest import MADE_AT, Filled
from collect_pipeline_tests.report.page_reader import PageReader, read_page
from collect_pipeline_tests.report.small import fill


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on an empty warehouse."""
    return build_report(Warehouse(tmp_path_factory.mktemp("nothing") / "collect.duckdb"), MADE_AT)


def read(report: Report) -> PageReader:
    return read_page(render_page(report))


def test_an_empty_warehouse_says_what_to_do(nothing: Report) -> None:
    page = read(nothing)
    assert "collect-pipeline follow URL" in page.texts
    assert "No version is followed yet." in page.texts
    assert not page.tables
    assert "svg" not in {tag for tag, _ in page.elements}


def test_one_image_of_one_version_on_one_day(warehouse: Warehouse) -> None:
    fill(warehouse, images=1, versions=1, prompt="castle, golden hour")
    page = read(build_report(warehouse, MADE_AT))
    assert page.table("all-collected", "Images collected per hour").rows == [["2026-01-01 10:00", "1", "1"]]
    history = page.table("all-history", "Images in each category, by day of publication (%)")
    assert history.columns == ["category", "2025-06-01"]
    assert ["lighting", "100.0"] in history.rows
    assert page.table("version-1-categories", "Distinct prompts per category").rows


def test_images_without_prompts(warehouse: Warehouse) -> None:
    fill(warehouse, images=3, versions=1, prompt=None)
    page = read(build_report(warehouse, MADE_AT))
    assert {section for section, _ in page.tables} == {
        "all-collected",
        "all-nsfw",
        "version-1-collected",
        "version-1-nsfw",
        "versions",
    }
    assert page.texts.count("There is no prompt yet.") == 6


def test_prompts_that_are_not_categorized_yet_are_not_shown(warehouse: Warehouse) -> None:
    fill(warehouse, images=1, versions=1, prompt="castle, golden hour")
    with warehouse.transaction() as connection:
        connection.execute("DELETE FROM prompt_categories")
        connection.execute("DELETE FROM taxonomy_phrases")
        connection.execute("INSERT INTO prompt_resources BY NAME SELECT 0 AS image_id, 0 AS resource_index, "
                           "'lora' AS resource_type, 'nude_v1' AS resource_name, 'text' AS source")  # fmt: skip
    page = read(build_report(warehouse, MADE_AT))
    assert "castle" not in page.words()
    assert "(not shown: not categorized yet)" in page.texts
    assert "n••e_v1" in page.texts
    assert ["not categorized yet", "1", "100.0"] in page.table("all-nsfw", "Distinct prompts by their wording").rows


def test_two_thousand_versions(warehouse: Warehouse) -> None:
    fill(warehouse, images=66, versions=2000, prompt=None, with_images=22)
    report = build_report(warehouse, MADE_AT)
    page = read(report)
    assert len(page.table("versions", "All versions, those with most images first").rows) == 2000
    sections = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert sum(1 for name in sections if name and name.count("-") == 1 and name.startswith("version-")) == 20
    assert any("Details follow for the 20 with most images" in text for text in page.texts)
    assert len(render_page(report)) < 2_000_000


def test_a_report_on_one_version(filled: Filled) -> None:
    page = read(build_report(filled.warehouse, MADE_AT, version_id=CLAY.version_id))
    [(images,)] = filled.query("SELECT count(*) FROM image_versions WHERE model_version_id = ?", CLAY.version_id)
    assert any(str(CLAY) in text for text in page.texts)
    assert page.texts[page.texts.index("images") + 1] == str(images)
    assert "versions" not in {section for section, _ in page.tables}


def test_versions_that_are_not_followed_or_only_named_have_their_sections(warehouse: Warehouse) -> None:
    fill(warehouse, images=4, versions=2, prompt="castle")
    with warehouse.transaction() as connection:
        connection.execute("INSERT INTO image_versions VALUES (0, 77, 1)")
        connection.execute("UPDATE model_versions SET followed = false WHERE model_version_id = 2")
    page = read(build_report(warehouse, MADE_AT))
    assert [
        row[:1] + row[3:4] for row in page.table("versions", "All versions, those with most images first").rows
    ] == [
        ["Model v1 (7@1)", "2"],
        ["Model v2 (7@2) (not followed)", "2"],
        ["without a name (version:77) (not followed)", "1"],
    ]
    linked = {attributes.get("href") for tag, attributes in page.elements if tag == "a"}
    assert {"#version-1", "#version-2", "#version-77"} <= linked
    assert page.table("version-77-nsfw", "Images by CivitAI's level").rows[0] == ["PG", "1", "100.0"]
    alone = read(build_report(warehouse, MADE_AT, version_id=77))
    assert any("version:77" in text for text in alone.texts)


def test_a_version_that_was_never_followed(filled: Filled) -> None:
    with pytest.raises(UnknownVersionError, match="no version 5 was ever followed"):
        build_report(filled.warehouse, MADE_AT, version_id=5)


def test_a_page_is_replaced_as_a_whole(nothing: Report, tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "report.html"
    write_page(nothing, file)
    before = file.stat().st_ino
    with file.open(encoding="utf-8") as reader:
        write_page(replace(nothing, shows_mature=True), file)
        assert reader.read() == render_page(nothing)
    assert "Mature wording is shown" in file.read_text(encoding="utf-8")
    assert file.stat().st_ino != before
    assert [each.name for each in file.parent.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written(nothing: Report, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableReportError, match="make room or choose another place"):
        write_page(nothing, tmp_path / "file" / "report.html")


def test_reading_leaves_the_warehouse_as_it_was(filled: Filled) -> None:
    before = filled.warehouse.path.read_bytes()
    build_report(filled.warehouse, MADE_AT, version_id=CLAY.version_id)
    assert filled.warehouse.path.read_bytes() == before
