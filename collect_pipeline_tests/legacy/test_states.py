"""Going on where the old tool was: which versions are followed, from where, and that nothing is skipped."""

import json
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest

from collect_pipeline.collection.progress import read_walk
from collect_pipeline.legacy.cursors import read_old_cursor
from collect_pipeline.warehouse.state import read_state, read_versions, unfollow
from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup
from collect_pipeline_tests.legacy.conftest import Importer, table
from collect_pipeline_tests.legacy.old_file import MODEL, VERSION, build, prompt_row, state_row

KEY = f"{MODEL}@{VERSION}"
HERE = f"modelVersionId={VERSION}"
OLDEST = f"{HERE}&sort=Oldest"


@pytest.mark.parametrize(
    ("written", "cursor", "usable"),
    [
        (f"https://civitai.com/api/v1/images?{OLDEST}&limit=100&cursor=200%7C1785419990123", "200|1785419990123", True),
        (f"https://civitai.red/api/v1/images?cursor=200%7C17&{OLDEST}&period=AllTime&withMeta=true", "200|17", True),
        (f"http://internal:3000/api/v1/images?{OLDEST}&browsingLevel=1&cursor=a%2Bb+c%25", "a+b+c%", True),
        (f"/api/v1/images?{OLDEST}&cursor=5&page=3", "5", True),
        (f"{OLDEST}&cursor=5", "5", True),
        (f"https://civitai.com/api/v1/images?{HERE}&sort=Newest&cursor=200%7C17", "200|17", False),
        (f"https://civitai.com/api/v1/images?{HERE}&cursor=200%7C17", "200|17", False),
        ("https://civitai.com/api/v1/images?modelVersionId=5&sort=Oldest&cursor=5", "5", False),
        ("https://civitai.com/api/v1/images?modelId=5&sort=Oldest&cursor=5", "5", False),
        (f"https://civitai.com/api/v1/images?{OLDEST}&browsingLevel=3&cursor=5", "5", False),
        (f"https://civitai.com/api/v1/images?{OLDEST}&nsfw=X&cursor=5", "5", False),
        (f"https://civitai.com/api/v1/images?{OLDEST}&period=Week&cursor=5", "5", False),
        (f"https://civitai.com/api/v1/images?{OLDEST}&username=somebody&cursor=5", "5", False),
        (f"https://civitai.com/api/v1/images?{HERE}&limit=50&page=7&sort=Oldest", None, False),
        (f"https://civitai.com/api/v1/images?{OLDEST}&cursor=", None, False),
        ("200|1785419990123", "200|1785419990123", False),
        ("  ", None, False),
        (None, None, False),
    ],
)
def test_a_cursor_is_taken_out_and_gone_on_with_only_in_its_own_list(
    written: str | None, cursor: str | None, usable: bool
) -> None:
    found = read_old_cursor(written, VERSION, 1)
    assert (found.cursor, found.usable) == (cursor, usable)


def test_a_cursor_of_other_browsing_levels_is_not_gone_on_with() -> None:
    at_three = f"{OLDEST}&browsingLevel=3&cursor=5"
    assert read_old_cursor(at_three, VERSION, 3).usable
    assert not read_old_cursor(f"{OLDEST}&cursor=5", VERSION, 3).usable


def test_a_version_is_followed_and_goes_on_at_its_cursor(importer: Importer, tmp_path: Path) -> None:
    url = f"https://civitai.com/api/v1/images?{OLDEST}&cursor=200%7C17&token=secret-4711"
    path = build(tmp_path / "old.db", prompts=[prompt_row()], states=[state_row(next_page_cursor=url)])
    report = importer.run(path)
    assert report.followed == (KEY,)
    with importer.warehouse.transaction() as connection:
        [version] = read_versions(connection)
        state = read_state(connection, KEY)
    assert version.partition_key == KEY
    assert state is not None
    assert (state.phase, state.next_page_cursor, state.last_offset, state.status) == ("draining", "200|17", 200, "idle")
    assert (state.total_collected, state.attempted, state.saved, state.duplicates) == (1, 200, 150, 20)
    assert state.last_successful_fetch_at == datetime(2025, 9, 17, 8, 31)  # noqa: DTZ001 - as the warehouse keeps it
    walk = read_walk(state)
    assert walk.leg is not None
    assert (walk.leg.sort, walk.cursor) == ("Oldest", "200|17")
    [kept] = importer.query("SELECT partition_key, cursor, remark, total_collected FROM legacy_collection_state")
    assert kept == (KEY, "200|17", "the drain goes on at the cursor", 150)
    assert b"secret-4711" not in importer.warehouse.path.read_bytes()


def test_what_cannot_be_gone_on_with_is_kept_and_begins_anew(importer: Importer, tmp_path: Path) -> None:
    written = {
        11: "https://civitai.com/api/v1/images?modelVersionId=11&sort=Newest&cursor=5%7C6",
        12: "https://civitai.com/api/v1/images?modelVersionId=12&page=7&limit=50&sort=Oldest",
        13: "200|1785419990123",
    }
    states = [state_row(model_id=1, version_id=version, next_page_cursor=text) for version, text in written.items()]
    rows = [prompt_row(version, model_id=1, model_version_id=version) for version in written]
    report = importer.run(build(tmp_path / "old.db", prompts=rows, states=states))
    assert importer.query(
        "SELECT version_id, phase, next_page_cursor, total_collected FROM collection_state ORDER BY version_id"
    ) == [(version, "draining", None, 1) for version in written]
    kept = importer.query("SELECT cursor, next_page_cursor, remark FROM legacy_collection_state ORDER BY version_id")
    assert [cursor for cursor, *_ in kept] == ["5|6", None, "200|1785419990123"]
    assert [text for _, text, _ in kept] == list(written.values())
    assert all("begins anew" in str(remark) for *_, remark in kept)
    assert table(report, "collection_state").odd == 3


def test_states_that_name_no_version_are_kept_and_left(importer: Importer, tmp_path: Path) -> None:
    states = [
        state_row(version_id=""),
        state_row(model_id="", version_id="31"),
        state_row(model_id="", version_id="32"),
        state_row(model_id="33", version_id="33"),
        state_row(model_id="abc", version_id=None),
    ]
    # Prompts of version 31 say which model it belongs to; those of 32 do not agree.
    rows = [
        prompt_row(1, model_id="7", model_version_id="31"),
        prompt_row(2, model_id="8", model_version_id="32"),
        prompt_row(3, model_id="9", model_version_id="32"),
    ]
    report = importer.run(build(tmp_path / "old.db", prompts=rows, states=states))
    assert importer.query("SELECT partition_key FROM collection_state") == [("7@31",)]
    states_report = table(report, "collection_state")
    assert (states_report.came_over, states_report.left) == (1, 4)
    assert importer.query("SELECT count(*), count(partition_key) FROM legacy_collection_state") == [(5, 1)]


def test_versions_that_only_prompts_name_are_known_and_not_followed(importer: Importer, tmp_path: Path) -> None:
    rows = [
        prompt_row(1, model_id="7", model_version_id="31"),
        prompt_row(2, model_id="32", model_version_id="32"),
        prompt_row(3, model_id="7", model_version_id="[33, 34]"),
    ]
    path = build(tmp_path / "old.db", prompts=rows)
    report = importer.run(path)
    assert importer.query("SELECT partition_key, followed FROM model_versions") == [("7@31", False)]
    assert (report.followed, report.versions_named) == ((), 4)
    assert importer.run(path).versions_named == 4
    assert importer.query("SELECT count(*) FROM collection_state") == [(0,)]


def test_a_state_that_is_there_stays(setup: Setup, tmp_path: Path) -> None:
    setup.run(LANTERN, max_items=30)
    before = setup.state(LANTERN)
    with setup.warehouse.transaction() as connection:
        unfollow(connection, [str(LANTERN)])
    state = state_row(
        model_id=LANTERN.model_id,
        version_id=LANTERN.version_id,
        next_page_cursor=f"?modelVersionId={LANTERN.version_id}&sort=Oldest&cursor=5",
    )
    report = Importer(setup.warehouse).run_beside_sandbox(build(tmp_path / "old.db", states=[state]))
    assert setup.state(LANTERN) == before
    assert table(report, "collection_state").already_there == 1


def test_a_version_known_under_another_model_is_not_followed_twice(importer: Importer, tmp_path: Path) -> None:
    importer.run(build(tmp_path / "one.db", states=[state_row()]))
    report = importer.run(build(tmp_path / "two.db", states=[state_row(model_id="5")]))
    assert importer.query("SELECT partition_key FROM model_versions") == [(KEY,)]
    assert table(report, "collection_state").left_because == {f"the version is known as {KEY}": 1}


def _page(setup: Setup, sort: str) -> dict[str, object]:
    query = f"modelVersionId={LANTERN.version_id}&limit=50&sort={sort}&withMeta=true&flatMeta=true"
    with urllib.request.urlopen(f"{setup.sandbox.url}/api/v1/images?{query}") as reply:
        page = json.load(reply)
    assert isinstance(page, dict)
    return page


@pytest.mark.parametrize("sort", ["Oldest", "Newest"])
def test_collecting_goes_on_and_finds_every_image(setup: Setup, tmp_path: Path, sort: str) -> None:
    """What the old tool had of a gallery, in either order, and then our own walk over all of it."""
    page = _page(setup, sort)
    items, metadata = page["items"], page["metadata"]
    assert isinstance(items, list)
    assert isinstance(metadata, dict)
    rows = [
        prompt_row(
            item["id"],
            (item["meta"] or {}).get("prompt"),
            model_id=LANTERN.model_id,
            model_version_id=LANTERN.version_id,
            raw_metadata=json.dumps(item),
        )
        for item in items
        # The old tool stored no image without a prompt.
        if (item["meta"] or {}).get("prompt")
    ]
    state = state_row(
        model_id=LANTERN.model_id,
        version_id=LANTERN.version_id,
        last_offset=50,
        next_page_cursor=metadata["nextPage"],
    )
    Importer(setup.warehouse).run_beside_sandbox(build(tmp_path / "old.db", prompts=rows, states=[state]))
    assert len(setup.stored()) == len(rows) == setup.state().total_collected
    first = setup.run(max_items=20)
    if sort == "Oldest":
        assert first.new == 20
    setup.complete()
    assert setup.stored() == setup.shown()
    assert setup.state().total_collected == len(setup.shown())


def test_a_page_of_old_rows_is_no_page_of_a_walk(setup: Setup, tmp_path: Path) -> None:
    rows = [prompt_row(number, model_id=CLAY.model_id, model_version_id=CLAY.version_id) for number in range(1, 6)]
    Importer(setup.warehouse).run_beside_sandbox(build(tmp_path / "old.db", prompts=rows))
    setup.complete(CLAY)
    assert set(setup.shown(CLAY)) <= set(setup.stored(CLAY))
    # A place in the list is found from pages of the list only.
    assert setup.run(CLAY, start_offset=3, max_items=2).collected == 2
