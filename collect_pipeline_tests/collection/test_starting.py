"""Where a run begins when somebody says so: it comes to an end whatever the source does, and is said only once."""

import pytest

from collect_pipeline.civitai.errors import InvalidCursorError, SourceError
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.walk import Policy
from collect_pipeline_tests.conftest import ATLAS, Setup


@pytest.mark.parametrize("fault", ["empty-page", "cursor-cycle"])
def test_a_start_offset_that_is_never_reached_is_an_error_after_few_requests(setup: Setup, fault: str) -> None:
    setup.sandbox.set_faults(fault)
    with pytest.raises(SourceError, match="start offset"):
        setup.run(ATLAS, start_offset=1_500)
    assert setup.image_requests() <= 20
    setup.sandbox.set_faults("")
    setup.run(ATLAS)
    assert setup.stored(ATLAS) == setup.shown(ATLAS)


def test_a_saved_cursor_that_the_source_does_not_know_any_more_does_not_stop_a_start_offset(setup: Setup) -> None:
    setup.run(ATLAS, max_items=500)
    setup.sandbox.set_faults("bad-cursor-400@1")
    in_order = setup.sandbox.visible_ids(ATLAS.version_id)
    setup.run(ATLAS, start_offset=700, max_items=40)
    assert setup.stored(ATLAS) == sorted(in_order[:500] + in_order[700:740])


def test_a_start_cursor_that_the_source_does_not_know_is_said(setup: Setup) -> None:
    setup.sandbox.set_route("legacy")
    with pytest.raises(InvalidCursorError):
        setup.run(ATLAS, start_cursor="of another route")
    assert setup.stored(ATLAS) == []
    setup.run(ATLAS)
    assert setup.stored(ATLAS) == setup.shown(ATLAS)


def attempt(setup: Setup, run_id: str, retry_of: str | None = None) -> Progress:
    options = CollectOptions(browsing_level=1, restart=True)
    with setup.client() as client:
        return Collector(
            setup.warehouse,
            client,
            ATLAS,
            options,
            Policy(),
            run_id=run_id,
            retry_of=retry_of,
            on_progress=lambda _: None,
        ).run()


@pytest.mark.parametrize(("second", "retry_of"), [("a", None), ("b", "a")])
def test_a_retry_of_a_restart_goes_on_instead_of_beginning_anew(
    setup: Setup, second: str, retry_of: str | None
) -> None:
    setup.sandbox.set_faults("region-451@11")
    with pytest.raises(SourceError):
        attempt(setup, "a")
    setup.sandbox.set_faults("")
    before = setup.image_requests()
    assert attempt(setup, second, retry_of).at_end
    assert setup.stored(ATLAS) == setup.shown(ATLAS)
    assert setup.image_requests() - before <= len(setup.shown(ATLAS)) // 100 + 1 - 10
    assert attempt(setup, "c").collected == len(setup.shown(ATLAS))
