"""Runs of the collector against the sandbox: complete, exact, and resumable anywhere."""

import json
import resource
import subprocess
import sys

import duckdb
import pytest

from collect_pipeline.civitai.errors import NotFoundError, SourceError
from collect_pipeline.collection.collector import Progress
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline.warehouse.claims import AlreadyClaimedError, claim
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.errors import WarehouseLockedError, WarehouseUnusableError
from collect_pipeline_tests.conftest import ATLAS, CLAY, EMPTY, LANTERN, LANTERN_OLD, Setup


def test_one_run_stores_every_image_once(setup: Setup) -> None:
    done = setup.run()
    assert setup.stored() == setup.shown()
    assert done.new == done.total_collected == len(setup.shown())
    assert done.collected == done.new + done.duplicates + done.rejected
    assert done.at_end


def test_a_limited_run_collects_exactly_its_items_and_the_next_goes_on_behind_them(setup: Setup) -> None:
    first = setup.run(max_items=150)
    assert first.collected == 150
    assert setup.state().next_page_cursor == first.next_cursor is not None
    ids = [image["id"] for image in _items_in_list_order(setup)]
    assert sorted(ids[:150]) == setup.stored()
    second = setup.run(max_items=20)
    assert second.collected == second.new == 20
    assert setup.stored() == sorted(ids[:170])


def _items_in_list_order(setup: Setup) -> list[dict[str, int]]:
    return [{"id": image_id} for image_id in setup.sandbox.visible_ids(LANTERN.version_id)]


def test_pages_are_kept_as_received_with_the_cursor_after_them(setup: Setup) -> None:
    setup.run()
    rows = setup.query(
        "SELECT payload, item_count, next_cursor, sha256(payload) = payload_sha256 FROM raw_pages ORDER BY page_number"
    )
    for payload, item_count, next_cursor, intact in rows:
        assert isinstance(payload, bytes)
        page = json.loads(payload)
        assert len(page["items"]) == item_count
        assert page["metadata"].get("nextCursor") == next_cursor
        assert intact
    assert rows[-1][2] is None


class KilledError(BaseException):
    """Stands for SIGKILL: nothing is cleaned up after it."""


@pytest.mark.parametrize("commit", [1, 2, 3])
def test_a_run_that_dies_after_any_commit_leaves_neither_hole_nor_repeat(setup: Setup, commit: int) -> None:
    commits = 0

    def die(_: Progress) -> None:
        nonlocal commits
        commits += 1
        if commits == commit:
            raise KilledError

    for _ in range(commit - 1):
        setup.run(max_items=60, after_commit=die)
    with pytest.raises(KilledError):
        setup.run(max_items=60, after_commit=die)
    setup.run()
    assert setup.stored() == setup.shown()
    assert setup.query("SELECT count(*) - count(DISTINCT image_id) FROM images") == [(0,)]


def test_total_collected_is_what_is_stored_after_every_commit(setup: Setup) -> None:
    seen = []
    setup.run(LANTERN_OLD)
    setup.run(LANTERN, after_commit=lambda progress: seen.append((progress.total_collected, len(setup.stored()))))
    assert seen
    assert all(total == stored for total, stored in seen)


def test_an_image_of_two_versions_is_stored_once_and_counted_for_both(setup: Setup) -> None:
    setup.run(LANTERN)
    done = setup.run(LANTERN_OLD)
    both = set(setup.shown(LANTERN)) & set(setup.shown(LANTERN_OLD))
    assert both
    assert done.duplicates == len(both)
    assert setup.stored(LANTERN_OLD) == setup.shown(LANTERN_OLD)


def test_an_empty_gallery_is_no_error(setup: Setup) -> None:
    done = setup.run(EMPTY)
    assert (done.collected, done.at_end) == (0, True)


def test_a_limited_run_over_known_images_leaves_the_cursor_where_it_began(setup: Setup) -> None:
    setup.run()
    setup.run(restart=True, max_items=100)
    assert (setup.state().next_page_cursor, setup.state().last_offset) == (None, 0)
    setup.run(restart=True, max_items=100, auto_advance_on_empty=True)
    assert setup.state().next_page_cursor is not None
    assert setup.state().last_offset == 100


def test_restart_stores_nothing_twice(setup: Setup) -> None:
    setup.run()
    again = setup.run(restart=True)
    assert (again.new, again.duplicates) == (0, len(setup.shown()))
    assert setup.stored() == setup.shown()


def test_a_start_offset_skips_by_walking_and_then_by_a_saved_cursor(setup: Setup) -> None:
    in_order = setup.sandbox.visible_ids(LANTERN.version_id)
    setup.run(start_offset=30, max_items=40)
    assert setup.stored() == sorted(in_order[30:70])
    setup.run(restart=True, max_items=100)
    saved = setup.query("SELECT next_cursor FROM raw_pages WHERE first_offset = 0")
    before = setup.image_requests()
    setup.run(start_offset=100, max_items=10)
    asked = [request for request in setup.sandbox.requests if request.path.endswith("/images")][before]
    assert [(asked.params["cursor"],)] == saved
    assert setup.stored() == sorted(in_order[:110])


def test_a_start_offset_behind_the_end_is_said(setup: Setup) -> None:
    with pytest.raises(SourceError, match="ends after"):
        setup.run(CLAY, start_offset=5000)


def test_a_start_cursor_is_used_as_given(setup: Setup) -> None:
    first = setup.run(max_items=100)
    setup.run(start_cursor=first.next_cursor, max_items=5)
    in_order = setup.sandbox.visible_ids(LANTERN.version_id)
    assert setup.stored() == sorted(in_order[:105])


def test_widening_the_browsing_level_drains_again(setup: Setup) -> None:
    setup.run()
    wide = setup.run(level=3)
    assert wide.new > 0
    assert setup.stored() == setup.shown(level=3)
    assert setup.state().browsing_level == 3


def test_a_second_run_for_the_same_version_says_so_and_changes_nothing(setup: Setup) -> None:
    with claim(setup.warehouse.path, str(LANTERN)), pytest.raises(AlreadyClaimedError, match="another run"):
        setup.run()
    assert setup.query("SELECT count(*) FROM raw_pages") == [(0,)]


def test_a_failing_source_leaves_what_came_before_and_the_reason(setup: Setup) -> None:
    setup.sandbox.set_faults("not-found-404@2-99")
    with pytest.raises(NotFoundError):
        setup.run()
    state = setup.state()
    assert (state.status, state.phase) == ("failed", "failed")
    assert state.last_error
    assert state.total_collected == len(setup.stored()) == 100
    setup.sandbox.set_faults("")
    setup.run()
    assert setup.stored() == setup.shown()
    assert (setup.state().status, setup.state().last_error) == ("idle", None)


def test_items_that_cannot_be_read_are_kept_with_the_reason(setup: Setup) -> None:
    setup.sandbox.set_faults("odd-items")
    done = setup.run()
    rows = setup.query("SELECT reason, payload FROM rejected_items")
    assert done.rejected == len(rows) > 0
    assert all(reason and json.loads(str(payload)) is not ... for reason, payload in rows)
    assert done.collected == done.new + done.duplicates + done.rejected


def test_a_foreign_reader_is_waited_for_and_then_named(setup: Setup) -> None:
    setup.run(max_items=10)
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(setup.warehouse.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        with pytest.raises(WarehouseLockedError, match=f"process {reader.pid}"):
            setup.run()
        reader.communicate()
    setup.run()
    assert setup.stored() == setup.shown()


def test_the_file_can_be_read_by_a_plain_duckdb_after_a_run(setup: Setup) -> None:
    setup.run()
    with duckdb.connect(setup.warehouse.path, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchone() == (len(setup.shown()),)


def test_a_full_disk_stores_whole_pages_or_none_and_the_next_run_goes_on(no_warehouse: Warehouse) -> None:
    with Sandbox(SandboxOptions(seed=7)) as sandbox:
        _run_into_a_full_disk(Setup(sandbox, no_warehouse))


def _run_into_a_full_disk(setup: Setup) -> None:
    setup.run(ATLAS, max_items=100)
    size = setup.warehouse.path.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system refuses to let files grow further, as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, limits[1]))
    try:
        with pytest.raises(WarehouseUnusableError, match="Check the disk"):
            setup.run(ATLAS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    [(received, linked)] = setup.query(
        "SELECT (SELECT sum(item_count) FROM raw_pages), (SELECT count(*) FROM image_versions)"
    )
    assert setup.state(ATLAS).total_collected == linked == received
    assert linked != len(setup.shown(ATLAS))
    setup.run(ATLAS)
    assert setup.stored(ATLAS) == setup.shown(ATLAS)


def test_limited_runs_get_through_the_weekly_drain(setup: Setup) -> None:
    setup.complete()
    setup.pass_time(days=8)
    setup.sandbox.publish(LANTERN.version_id, 3)
    for _ in range(8):
        setup.run(max_items=100)
    assert setup.stored() == setup.shown()
