"""What comes over from old rows, whatever they are; that nothing is lost, overwritten or brought over twice."""

import gc
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collect_pipeline.civitai.items import Item, read_item
from collect_pipeline.civitai.page import decode_json, read_items
from collect_pipeline.legacy.errors import LegacyFileError
from collect_pipeline.warehouse.claims import AlreadyClaimedError, claim
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.origin import MixedOriginsError
from collect_pipeline_tests.conftest import CLAY, Setup, empty_warehouse
from collect_pipeline_tests.legacy.conftest import NOW, Importer, table
from collect_pipeline_tests.legacy.old_file import (
    IMAGE,
    MODEL,
    VERSION,
    build,
    category_row,
    item,
    prompt_row,
    resource_row,
    state_row,
)

IMAGE_COLUMNS = (
    "image_id, prompt, negative_prompt, post_id, username, created_at, url, width, height, media_type, browsing_level, "
    "nsfw_level, base_model, reaction_count, comment_count, seed, steps, sampler, cfg_scale, model_name, has_meta"
)


def full(path: Path) -> Path:
    """A file with something in every table."""
    return build(
        path,
        prompts=[prompt_row(IMAGE + n, f"fox {n}, oil painting, golden hour") for n in range(5)],
        categories=[category_row(n, name) for n in range(1, 6) for name in ("style", "NSFW")],
        resources=[resource_row(n) for n in range(1, 6)],
        states=[state_row()],
    )


def test_an_item_gives_the_row_that_the_collector_makes_of_it(setup: Setup, tmp_path: Path) -> None:
    setup.complete(CLAY)
    bodies = [json.loads(str(body)) for (body,) in setup.query("SELECT decode(payload) FROM raw_pages")]
    items = {each["id"]: each for body in bodies for each in body["items"]}
    rows = [prompt_row(number, None, raw_metadata=json.dumps(each)) for number, each in items.items()]
    path = build(
        tmp_path / "old.db", prompts=[{**row, "negative_prompt": None, "reaction_count": None} for row in rows]
    )
    importer = Importer(Warehouse(tmp_path / "other.duckdb"))
    importer.run(path)
    for query in (
        f"SELECT {IMAGE_COLUMNS} FROM images ORDER BY image_id",  # noqa: S608 - the constant above
        "SELECT * FROM prompt_resources ORDER BY ALL",
    ):
        assert importer.query(query) == setup.query(query)
    assert len(items) > 5


def test_everything_comes_over_and_is_worked_on(importer: Importer, tmp_path: Path) -> None:
    report = importer.run(full(tmp_path / "old.db"))
    assert {each.table: (each.rows, each.came_over, each.left) for each in report.tables} == {
        "civitai_prompts": (5, 5, 0),
        "prompt_categories": (10, 10, 0),
        "prompt_resources": (5, 0, 5),
        "collection_state": (1, 1, 0),
    }
    assert report.prompts_new == report.prompts_categorized == 5
    assert importer.query("SELECT count(*), count(prompt_id), min(first_collected_at) FROM images") == [
        (5, 5, datetime(2025, 9, 17, 8, 30, 0, 123456))  # noqa: DTZ001 - as the warehouse keeps it
    ]
    assert importer.query("SELECT DISTINCT model_version_id FROM image_versions") == [(VERSION,)]
    assert importer.query("SELECT count(*) FROM prompt_categories WHERE category = 'lighting'") == [(5,)]
    old = importer.query("FROM legacy_prompt_categories WHERE image_id = ? ORDER BY category", IMAGE)
    assert old == [(IMAGE, "NSFW", ["anime", "oil"], 0.4), (IMAGE, "style", ["anime", "oil"], 0.4)]


def test_every_image_can_be_read_again_from_its_page(importer: Importer, tmp_path: Path) -> None:
    rows = [
        prompt_row(1, "one"),
        prompt_row(2, "two", raw_metadata="{torn"),
        prompt_row("no id", "three"),
        prompt_row(4, "four", raw_metadata="\ufeff " + json.dumps(item(4, "four"))),
        *(prompt_row(n, f"number {n}") for n in range(10, 310)),
    ]
    importer.run(build(tmp_path / "old.db", prompts=rows))
    pages = importer.query(
        "SELECT payload, image_ids, item_count, partition_key, sort FROM raw_pages ORDER BY page_number"
    )
    assert [page[2:] for page in pages] == [(200, "legacy", "legacy"), (104, "legacy", "legacy")]
    prompts: dict[int, str | None] = {}
    for payload, image_ids, count, *_ in pages:
        assert isinstance(payload, bytes)
        document = decode_json(payload)
        items = read_items(document)
        assert isinstance(document, dict)
        assert items is not None
        assert len(items) == len(document["legacy_rows"]) == count
        read = [each for each in map(read_item, items) if isinstance(each, Item)]
        assert [each.image_id for each in read] == image_ids
        prompts.update({each.image_id: each.prompt for each in read})
    assert sorted(prompts.items()) == importer.query("SELECT image_id, prompt FROM images ORDER BY image_id")


def test_a_seed_of_any_size_comes_over(importer: Importer, tmp_path: Path) -> None:
    seeds = [0, 2**63, 2**64, 2**127 - 1, -(2**100)]
    rows = [
        prompt_row(IMAGE + n, raw_metadata=json.dumps(item(IMAGE + n, meta={"prompt": "a red fox", "seed": seed})))
        for n, seed in enumerate(seeds)
    ]
    importer.run(build(tmp_path / "old.db", prompts=rows))
    assert importer.query("SELECT seed FROM images ORDER BY image_id") == [(seed,) for seed in seeds]


def test_an_import_leaves_the_search_for_cycles_as_it_was(importer: Importer, tmp_path: Path) -> None:
    importer.run(full(tmp_path / "old.db"))
    assert gc.isenabled()
    with pytest.raises(LegacyFileError):
        importer.run(tmp_path / "none.db")
    assert gc.isenabled()


@pytest.mark.parametrize("missing", ["prompts", "categories", "resources", "states"])
def test_a_file_from_before_a_table_existed(importer: Importer, tmp_path: Path, missing: str) -> None:
    tables: dict[str, list[dict[str, object]]] = {
        "prompts": [prompt_row()],
        "categories": [category_row()],
        "resources": [resource_row()],
        "states": [state_row()],
    }
    del tables[missing]
    report = importer.run(build(tmp_path / "old.db", **tables))  # type: ignore[arg-type]  # tables by name
    assert [each.in_file for each in report.tables].count(False) == 1
    for each in report.tables:
        assert each.rows == each.came_over + each.already_there + each.left == int(each.in_file)


@pytest.mark.parametrize(
    "missing",
    [
        ["civitai_id"],
        ["raw_metadata", "model_name"],
        ["full_prompt", "negative_prompt", "model_version_id", "collected_at"],
        ["quality_score", "reaction_count", "comment_count", "download_count", "tag_count", "model_id"],
    ],
)
def test_files_from_before_a_column_existed(importer: Importer, tmp_path: Path, missing: list[str]) -> None:
    row = {name: value for name, value in prompt_row().items() if name not in missing}
    importer.run(build(tmp_path / "old.db", prompts=[row]))
    [(image_id, prompt, negative)] = importer.query("SELECT image_id, prompt, negative_prompt FROM images")
    assert (image_id, prompt, negative) == (IMAGE, "a red fox, golden hour", "blurry")


@pytest.mark.parametrize("kept", ["civitai_id", "raw_metadata"])
def test_a_file_with_hardly_any_column(importer: Importer, tmp_path: Path, kept: str) -> None:
    importer.run(build(tmp_path / "old.db", prompts=[{kept: prompt_row()[kept]}]))
    assert importer.query("SELECT image_id, first_collected_at FROM images") == [(IMAGE, NOW)]


def test_running_it_twice_changes_nothing(importer: Importer, tmp_path: Path) -> None:
    path = full(tmp_path / "old.db")
    first = importer.run(path)
    before = importer.everything()
    second = importer.run(path)
    assert importer.everything() == before
    assert len(before["images"]) == 5
    assert [each.came_over for each in second.tables] == [0, 0, 0, 0]
    assert [each.already_there + each.left for each in second.tables] == [each.rows for each in first.tables]
    assert second.followed == first.followed


def test_a_file_that_grew_brings_what_is_new(importer: Importer, tmp_path: Path) -> None:
    rows = [prompt_row(number, f"fox {number}") for number in range(1, 4)]
    importer.run(build(tmp_path / "old.db", prompts=rows[:2], states=[state_row()]))
    report = importer.run(build(tmp_path / "newer.db", prompts=rows, states=[state_row(saved=3)]))
    assert (table(report, "civitai_prompts").came_over, table(report, "civitai_prompts").already_there) == (1, 2)
    assert importer.query("SELECT count(*), count(DISTINCT image_id) FROM images") == [(3, 3)]
    assert importer.query("SELECT total_collected FROM collection_state") == [(3,)]


@pytest.mark.parametrize("collected_at", [None, "2099-01-01 00:00:00"])
def test_a_row_that_says_less_takes_nothing_away(importer: Importer, tmp_path: Path, collected_at: str | None) -> None:
    importer.run(build(tmp_path / "full.db", prompts=[prompt_row(5, "two foxes in a field")]))
    images = importer.query("SELECT * EXCLUDE (page_id) FROM images")
    resources = importer.query("FROM prompt_resources ORDER BY ALL")
    assert resources
    for text in ("two foxes in a field", "another text"):
        poor = prompt_row(5, text, raw_metadata=None, collected_at=collected_at)
        importer.run(build(tmp_path / f"{text}.db", prompts=[poor]))
    assert importer.query("SELECT * EXCLUDE (page_id) FROM images") == images
    assert importer.query("FROM prompt_resources ORDER BY ALL") == resources


def test_collected_images_are_not_overwritten_and_only_get_what_they_lack(setup: Setup, tmp_path: Path) -> None:
    setup.complete(CLAY)
    [(with_prompt, text)] = setup.query("SELECT image_id, prompt FROM images WHERE prompt IS NOT NULL LIMIT 1")
    [(without,)] = setup.query("SELECT image_id FROM images WHERE prompt IS NULL LIMIT 1") or [(None,)]
    stored = setup.query(f"SELECT {IMAGE_COLUMNS} FROM images WHERE image_id = ?", with_prompt)  # noqa: S608
    resources = setup.query("SELECT * FROM prompt_resources WHERE image_id = ? ORDER BY ALL", with_prompt)
    rows = [prompt_row(with_prompt, "an older text", reaction_count=99, raw_metadata=None)]
    if without is not None:
        rows.append(prompt_row(without, "a text that was hidden later"))
    importer = Importer(setup.warehouse)
    old = build(tmp_path / "old.db", prompts=rows, resources=[resource_row(1)], states=[state_row()])
    report = importer.run_beside_sandbox(old)
    assert table(report, "civitai_prompts").already_there == len(rows)
    assert setup.query(f"SELECT {IMAGE_COLUMNS} FROM images WHERE image_id = ?", with_prompt) == stored  # noqa: S608
    now = setup.query("SELECT * FROM prompt_resources WHERE image_id = ? ORDER BY ALL", with_prompt)
    assert [row for row in now if row in resources] == resources
    if without is not None:
        assert setup.query("SELECT prompt FROM images WHERE image_id = ?", without) == [
            ("a text that was hidden later",)
        ]
    # The image is an image of the old version, too, and both versions count it.
    assert setup.query("SELECT count(*) FROM image_versions WHERE image_id = ?", with_prompt) == [(2,)]
    counts = setup.query(
        "SELECT total_collected, (SELECT count(*) FROM image_versions WHERE model_version_id = version_id) "
        "FROM collection_state"
    )
    assert len(counts) == 2
    assert all(total == linked for total, linked in counts)
    assert text != "an older text"


def test_a_version_that_is_being_collected_is_waited_for(setup: Setup, tmp_path: Path) -> None:
    setup.run(CLAY)
    before = Importer(setup.warehouse).everything()
    path = build(tmp_path / "old.db", prompts=[prompt_row(model_version_id=str(CLAY.version_id))])
    with claim(setup.warehouse.path, str(CLAY)), pytest.raises(AlreadyClaimedError):
        Importer(setup.warehouse).run(path)
    assert Importer(setup.warehouse).everything() == before


def test_a_sandbox_and_an_old_file_are_never_mixed(setup: Setup, tmp_path: Path) -> None:
    setup.run(CLAY, max_items=5)
    before = Importer(setup.warehouse).everything()
    with pytest.raises(MixedOriginsError, match="such as the sandbox"):
        Importer(setup.warehouse).run(full(tmp_path / "old.db"))
    assert Importer(setup.warehouse).everything() == before


def test_after_an_import_no_sandbox_is_collected(setup: Setup, tmp_path: Path) -> None:
    Importer(setup.warehouse).run(full(tmp_path / "old.db"))
    with pytest.raises(MixedOriginsError, match="the real source"):
        setup.run(CLAY)
    assert setup.query("SELECT count(*) FROM images") == [(5,)]


NO_ITEMS: list[tuple[object, str]] = [
    (None, "without raw_metadata"),
    ("", "without raw_metadata"),
    ("{'id': 5}", "no JSON object"),
    ('{"id": 70000001, "meta": {"prompt": "tor', "no JSON object"),
    ("[1, 2]", "no JSON object"),
    ('{"id": 1}, {"id": 2}', "no JSON object"),
    ('{"id": 1}]}, [{"id": 2}', "no JSON object"),
    ("[" * 100_000, "no JSON object"),
    ('{"meta": {"prompt": "an item without an id"}}', "no item of the API"),
    (json.dumps(item(5, "another image's")), "of another image"),
    (b"\xff\xfe\x00", "no JSON object"),
    (4.5, "without raw_metadata"),
]


def test_where_raw_metadata_is_no_item_the_columns_are_used(importer: Importer, tmp_path: Path) -> None:
    rows = [prompt_row(IMAGE + n, f"fox {n}", raw_metadata=raw) for n, (raw, _) in enumerate(NO_ITEMS)]
    resources = [resource_row(n + 1) for n in range(len(NO_ITEMS))]
    report = table(importer.run(build(tmp_path / "old.db", prompts=rows, resources=resources)), "civitai_prompts")
    assert importer.query(
        "SELECT image_id, prompt, negative_prompt, reaction_count, comment_count, model_name, has_meta FROM images "
        "ORDER BY image_id"
    ) == [(IMAGE + n, f"fox {n}", "blurry", 4, 2, "Old Model", True) for n in range(len(NO_ITEMS))]
    counted = Counter(remark for _, remark in NO_ITEMS)
    assert {remark: _count(report.odd_because, remark) for remark in counted} == counted
    assert report.odd == len(NO_ITEMS)
    # What the old tool knew of its resources is used as well, and what could not be read is kept.
    assert importer.query("SELECT * EXCLUDE image_id FROM prompt_resources") == [
        (0, "lora", "film_look", 78, 0.6, None, "legacy") for _ in NO_ITEMS
    ]
    [(payload,)] = importer.query("SELECT payload FROM raw_pages")
    assert isinstance(payload, bytes)
    kept = [row.get("raw_metadata") for row in json.loads(payload)["legacy_rows"]]
    assert kept == [raw.hex() if isinstance(raw, bytes) else raw for raw, _ in NO_ITEMS]


def _count(reasons: Mapping[str, int], words: str) -> int:
    return sum(count for reason, count in reasons.items() if words in reason)


def test_a_prompt_that_only_the_column_has_is_not_lost(importer: Importer, tmp_path: Path) -> None:
    hidden = {**item(), "meta": None}
    rows = [
        prompt_row(IMAGE, "<lora:film_look:0.6> hidden later", raw_metadata=json.dumps(hidden)),
        prompt_row(7, "as the column has it", raw_metadata=json.dumps(item(7, "as the item has it"))),
        prompt_row(8, None, negative_prompt="only negative", raw_metadata=json.dumps({"id": 8, "meta": {}})),
        prompt_row(9, 1234, raw_metadata=None),
    ]
    report = importer.run(build(tmp_path / "old.db", prompts=rows))
    assert importer.query("SELECT image_id, prompt, negative_prompt FROM images ORDER BY image_id") == [
        (7, "as the item has it", "blurry"),
        (8, None, "only negative"),
        (9, "1234", "blurry"),
        (IMAGE, "<lora:film_look:0.6> hidden later", "blurry"),
    ]
    assert importer.query("SELECT resource_name, source FROM prompt_resources WHERE image_id = ?", IMAGE) == [
        ("film_look", "text")
    ]
    [(payload,)] = importer.query("SELECT payload FROM raw_pages")
    assert isinstance(payload, bytes)
    assert b"as the column has it" in payload
    odd = table(report, "civitai_prompts").odd_because
    assert any("differs" in reason for reason in odd)
    assert any("only in full_prompt" in reason for reason in odd)


VERSIONS: list[tuple[object, list[int], str | None]] = [
    (123, [123], None),
    ("123", [123], None),
    (123.0, [123], None),
    ("[123, 456]", [123, 456], None),
    ("['123', '456', '123']", [123, 456], None),
    ("[123, None, 456]", [123, 456], "no id"),
    ("", [], "linked to none"),
    (None, [], "linked to none"),
    ("[]", [], "linked to none"),
    ("v1.0", [], "no id"),
    ("0", [], "no id"),
    (-5, [], "no id"),
    ("99999999999", [], "no id"),
    (b"123", [123], None),
]


def test_what_model_version_id_may_hold(importer: Importer, tmp_path: Path) -> None:
    rows = [prompt_row(n, model_version_id=written) for n, (written, *_) in enumerate(VERSIONS, 1)]
    report = table(importer.run(build(tmp_path / "old.db", prompts=rows)), "civitai_prompts")
    assert importer.query(
        "SELECT image_id, coalesce(list(model_version_id ORDER BY model_version_id) "
        "FILTER (model_version_id IS NOT NULL), []) "
        "FROM images LEFT JOIN image_versions USING (image_id) GROUP BY image_id ORDER BY image_id"
    ) == [(n, versions) for n, (_, versions, _) in enumerate(VERSIONS, 1)]
    assert _count(report.odd_because, "linked to none") == sum(1 for _, versions, _ in VERSIONS if not versions)
    assert _count(report.odd_because, "holds what is no id") == sum(1 for *_, remark in VERSIONS if remark == "no id")
    assert report.odd == sum(1 for *_, remark in VERSIONS if remark)


def test_the_versions_id_in_place_of_the_models(importer: Importer, tmp_path: Path) -> None:
    rows = [prompt_row(model_version_id=None, model_id=str(VERSION)), prompt_row(6, model_version_id=None)]
    importer.run(build(tmp_path / "old.db", prompts=rows, states=[state_row()]))
    assert importer.query("SELECT image_id, model_version_id FROM image_versions") == [(IMAGE, VERSION)]
    assert importer.query("SELECT partition_key, total_collected FROM collection_state") == [(f"{MODEL}@{VERSION}", 1)]


BAD_IDS = [None, "", "abc", "0", "-7", "1.5", 2**63 - 0.5, b"\xff"]


def test_a_row_without_a_usable_id_is_kept_as_rejected(importer: Importer, tmp_path: Path) -> None:
    rows = [prompt_row(civitai_id=bad, prompt=f"text {n}", raw_metadata=None) for n, bad in enumerate(BAD_IDS)]
    path = build(tmp_path / "old.db", prompts=[*rows, prompt_row()], categories=[category_row(2)])
    report = importer.run(path)
    prompts = table(report, "civitai_prompts")
    assert (prompts.rows, prompts.came_over, prompts.left) == (len(BAD_IDS) + 1, 1, len(BAD_IDS))
    kept = importer.query("SELECT position, reason, payload FROM rejected_items ORDER BY position")
    assert [position for position, *_ in kept] == list(range(len(BAD_IDS)))
    assert prompts.left_because == Counter(str(reason) for _, reason, _ in kept)
    assert prompts.left_because == {
        "civitai_id is missing": 2,
        "civitai_id is no positive whole number": len(BAD_IDS) - 2,
    }
    assert all(f"text {n}" in str(payload) for n, (_, _, payload) in enumerate(kept))
    assert table(report, "prompt_categories").left == 1
    importer.run(path)
    assert importer.query("SELECT count(*) FROM rejected_items") == [(len(BAD_IDS),)]


def test_where_civitai_id_is_no_id_the_items_is_taken(importer: Importer, tmp_path: Path) -> None:
    rows = [
        prompt_row(civitai_id=bad, prompt=f"text {n}", raw_metadata=json.dumps(item(IMAGE + n, f"text {n}")))
        for n, bad in enumerate(BAD_IDS)
    ]
    path = build(tmp_path / "old.db", prompts=rows, categories=[category_row(2)])
    report = importer.run(path)
    assert importer.query("SELECT image_id, prompt, steps FROM images ORDER BY image_id") == [
        (IMAGE + n, f"text {n}", 28) for n in range(len(BAD_IDS))
    ]
    assert importer.query("SELECT image_id FROM legacy_prompt_categories") == [(IMAGE + 1,)]
    assert table(report, "civitai_prompts").odd_because == {
        "civitai_id is missing: the item's id is taken": 2,
        "civitai_id is no positive whole number: the item's id is taken": len(BAD_IDS) - 2,
    }


TIMES: list[tuple[object, str, str | None]] = [
    ("2025-09-17T08:30:00", "2025-09-17 08:30:00", None),
    ("2025-09-17 08:30:00.5", "2025-09-17 08:30:00.5", None),
    ("2025-09-17T08:30:00+09:00", "2025-09-16 23:30:00", None),
    (1758097800, "2025-09-17 08:30:00", None),
    (1758097800000, "2025-09-17 08:30:00", None),
    ("yesterday", str(NOW), "no time"),
    (None, str(NOW), "missing"),
    (1e300, str(NOW), "no time"),
    ("2099-01-01", str(NOW), "future"),
]


def test_when_an_image_was_collected(importer: Importer, tmp_path: Path) -> None:
    rows = [prompt_row(n, collected_at=written) for n, (written, *_) in enumerate(TIMES, 1)]
    report = table(importer.run(build(tmp_path / "old.db", prompts=rows)), "civitai_prompts")
    assert importer.query(
        "SELECT first_collected_at::VARCHAR, last_seen_at::VARCHAR FROM images ORDER BY image_id"
    ) == [(time, time) for _, time, _ in TIMES]
    counted = Counter(remark for *_, remark in TIMES if remark)
    assert {remark: _count(report.odd_because, remark) for remark in counted} == counted
    assert report.odd == counted.total()


def test_old_categories_as_they_may_be(importer: Importer, tmp_path: Path) -> None:
    rows = [
        category_row(1, "realism_quality"),
        category_row(1, "mood", keywords="not JSON", confidence="high"),
        category_row(1, "basic", keywords=None),
        category_row(1, "basic", keywords=None),
        category_row(1, "technical", keywords='["\\ud83d", "a\\u0000b", "", 4, {"\\ud83d": NaN}]'),
        category_row(99),
        category_row(1, None),
        category_row("one"),
    ]
    path = build(tmp_path / "old.db", prompts=[prompt_row()], categories=rows)
    report = table(importer.run(path), "prompt_categories")
    assert importer.query("SELECT category, keywords, confidence FROM legacy_prompt_categories ORDER BY 1") == [
        ("basic", [], 0.4),
        ("mood", ["not JSON"], None),
        ("realism_quality", ["anime", "oil"], 0.4),
        ("technical", ["\ufffd", "a\ufffdb", "4", '{"\\ud83d": NaN}'], 0.4),
    ]
    assert (report.rows, report.came_over, report.already_there, report.left, report.odd) == (8, 4, 1, 3, 2)


def test_old_resources_are_for_images_whose_item_names_none(importer: Importer, tmp_path: Path) -> None:
    text_only = item(8, "<lora:in_text:0.5> fox", meta={"prompt": "<lora:in_text:0.5> fox"})
    rows = [prompt_row(), prompt_row(8, "<lora:in_text:0.5> fox", raw_metadata=json.dumps(text_only))]
    resources = [
        resource_row(1),
        resource_row(2),
        resource_row(2, resource_name="second", resource_raw="{torn", resource_model_version_id="x"),
        resource_row(2, resource_name="second", resource_raw=None, resource_model_version_id=None),
        resource_row(2, resource_type=None, resource_name="", resource_model_version_id=""),
        resource_row(77),
    ]
    path = build(tmp_path / "old.db", prompts=rows, resources=resources)
    report = table(importer.run(path), "prompt_resources")
    expected = [
        (8, 0, "lora", "in_text", None, 0.5, None, "text"),
        (8, 1, "lora", "film_look", 78, 0.6, None, "legacy"),
        (8, 2, "lora", "second", None, None, None, "legacy"),
    ]
    assert importer.query("FROM prompt_resources WHERE image_id = 8 ORDER BY resource_index") == expected
    assert importer.query("SELECT count(*) FROM prompt_resources WHERE image_id = ?", IMAGE) == [(1,)]
    assert (report.rows, report.came_over, report.already_there, report.left) == (6, 2, 1, 3)
    assert report.left_because["the image's own data names its resources"] == 1
    again = table(importer.run(path), "prompt_resources")
    assert importer.query("FROM prompt_resources WHERE image_id = 8 ORDER BY resource_index") == expected
    assert (again.came_over, again.already_there, again.left) == (0, 3, 3)


def test_an_old_resource_that_the_image_names_itself_is_there_already(importer: Importer, tmp_path: Path) -> None:
    resources = [
        resource_row(1, resource_name="named otherwise", resource_model_version_id="12"),
        resource_row(1, resource_name="FILM_LOOK", resource_model_version_id=None),
        resource_row(1, resource_name="film_look", resource_model_version_id="13"),
        resource_row(1, resource_type="checkpoint", resource_model_version_id="12"),
    ]
    own = item(meta={"prompt": "a fox", "civitaiResources": [{"type": "lora", "modelVersionId": 12}],
                     "resources": [{"type": "lora", "name": "film_look"}]})  # fmt: skip
    path = build(tmp_path / "old.db", prompts=[prompt_row(raw_metadata=json.dumps(own))], resources=resources)
    report = table(importer.run(path), "prompt_resources")
    assert (report.came_over, report.already_there, report.left) == (0, 3, 1)


def test_an_id_that_comes_twice_is_one_image(importer: Importer, tmp_path: Path) -> None:
    rows = [
        prompt_row(5, "first", raw_metadata=None, model_version_id="1"),
        prompt_row("05", None, raw_metadata=None, model_version_id="2"),
    ]
    report = table(importer.run(build(tmp_path / "old.db", prompts=rows)), "civitai_prompts")
    assert importer.query("SELECT image_id, prompt FROM images") == [(5, "first")]
    assert importer.query("SELECT model_version_id FROM image_versions ORDER BY 1") == [(1,), (2,)]
    assert (report.came_over, report.already_there) == (1, 1)


class _StopError(Exception):
    """The import is ended by force."""


def test_an_import_that_ends_halfway_is_completed_by_the_next(importer: Importer, tmp_path: Path) -> None:
    rows = [{"civitai_id": n, "full_prompt": f"fox {n % 10}", "model_version_id": VERSION} for n in range(1, 20_500)]
    path = build(tmp_path / "old.db", prompts=rows, states=[state_row()])

    def stop(_: str) -> None:
        raise _StopError

    with pytest.raises(_StopError):
        importer.run(path, say=stop)
    [(halfway,)] = importer.query("SELECT count(*) FROM images")
    assert isinstance(halfway, int)
    assert 0 < halfway < len(rows)
    report = importer.run(path)
    prompts = table(report, "civitai_prompts")
    assert (prompts.came_over, prompts.already_there) == (len(rows) - halfway, halfway)
    assert importer.query("SELECT count(*), count(DISTINCT image_id), sum(image_id) FROM images") == [
        (len(rows), len(rows), sum(range(1, 20_500)))
    ]
    assert importer.query("SELECT total_collected FROM collection_state") == [(len(rows),)]
    assert importer.query("SELECT sum(item_count) FROM raw_pages") == [(len(rows),)]


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from(
        [
            "1",
            "2",
            "[1, 2]",
            "{}",
            '{"id": 1}',
            '["\\ud83d"]',
            "2025-01-01",
            "https://x/?cursor=a%7Cb&sort=Oldest",
            "page=2",
        ]
    ),
)


def rows_like(row: Mapping[str, object]) -> st.SearchStrategy[list[dict[str, object]]]:
    """A few rows with anything in their columns."""
    return st.lists(st.fixed_dictionaries(dict.fromkeys(row, VALUES)), min_size=1, max_size=4)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompts=rows_like(prompt_row()),
    categories=rows_like(category_row()),
    resources=rows_like(resource_row()),
    states=rows_like(state_row()),
)
def test_whatever_the_columns_hold_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory,
    prompts: list[dict[str, object]],
    categories: list[dict[str, object]],
    resources: list[dict[str, object]],
    states: list[dict[str, object]],
) -> None:
    folder = tmp_path_factory.mktemp("anything")
    importer = Importer(empty_warehouse(folder))
    path = build(
        folder / "old.db",
        prompts=[prompt_row(), *prompts],
        categories=[category_row(), *categories],
        resources=[resource_row(), *resources],
        states=[state_row(), *states],
    )
    first = importer.run(path)
    before = importer.everything()
    second = importer.run(path)
    assert importer.everything() == before
    for once, twice in zip(first.tables, second.tables, strict=True):
        assert once.rows == once.came_over + once.already_there + once.left
        assert sum(once.left_because.values()) == once.left
        assert (twice.came_over, twice.already_there) == (0, once.came_over + once.already_there)
    [(rejected,)] = importer.query("SELECT count(*) FROM rejected_items")
    assert rejected == first.tables[0].left
