"""What is stored equals what is shown, each image once, whatever the source and the machine do meanwhile."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from collect_pipeline.collection.collector import Progress
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.sandbox.options import SEARCH_ROUTES
from collect_pipeline_tests.collection.hostile import (
    LIMITED_RUNS,
    KilledError,
    Killer,
    Unrest,
    look_again,
    pages_shown,
    persist,
    requests_of_walks,
    source,
)
from collect_pipeline_tests.conftest import ATLAS, LANTERN, Setup


def assert_complete(setup: Setup, key: VersionKey = LANTERN) -> None:
    """Every image that is shown is stored, none twice, and the counts say so."""
    assert set(setup.shown(key)) <= set(setup.stored(key))
    assert len(setup.stored(key)) == len(set(setup.stored(key))) == setup.state(key).total_collected


@pytest.mark.parametrize("route", SEARCH_ROUTES)
def test_a_quiet_list_is_stored_exactly(tmp_path: Path, route: str) -> None:
    with source(tmp_path, route) as setup:
        persist(setup)
        assert setup.stored() == setup.shown()
        assert requests_of_walks(setup) <= 3 * pages_shown(setup)


@pytest.mark.parametrize("route", SEARCH_ROUTES)
def test_inserts_and_removals_during_the_walk_cost_no_image(tmp_path: Path, route: str) -> None:
    with source(tmp_path, route) as setup:
        unrest = Unrest(setup, LANTERN, seed=11)
        persist(setup, after_commit=unrest, step=130)
        assert requests_of_walks(setup) <= 3 * pages_shown(setup) + LIMITED_RUNS
        unrest.resting = True
        look_again(setup)
        assert_complete(setup)


@pytest.mark.parametrize("route", SEARCH_ROUTES)
def test_runs_killed_at_random_cost_no_image(tmp_path: Path, route: str) -> None:
    with source(tmp_path, route) as setup:
        persist(setup, after_commit=Killer(seed=5, times=4), step=70)
        assert setup.stored() == setup.shown()
        assert requests_of_walks(setup) <= 3 * pages_shown(setup) + LIMITED_RUNS


@pytest.mark.parametrize(
    "fault",
    [
        "repeat-page:0.4",
        "repeat-page-new:0.4",
        "empty-page:0.4",
        "false-end:0.3",
        "short-end:0.3",
        "duplicates:0.4",
        "twice-in-page",
        "skips:0.4",
        "route-flip:0.4",
        "odd-cursor:0.4",
        "odd-meta",
        "odd-text",
        "truncated:0.2",
        "server-500:0.2",
        "stale-copy",
    ],
)
def test_a_fault_of_the_source_costs_no_image(tmp_path: Path, fault: str) -> None:
    with source(tmp_path, faults=fault) as setup:
        persist(setup, calm_after=lambda: setup.sandbox.set_faults(""))
        look_again(setup)
        assert setup.stored() == setup.shown()


@pytest.mark.parametrize(
    ("fault", "key", "word"), [("cursor-cycle", ATLAS, "circle"), ("filter-ignored", LANTERN, "filter")]
)
def test_a_source_that_cannot_be_walked_is_suspect_after_few_requests_and_complete_once_it_can(
    tmp_path: Path, fault: str, key: VersionKey, word: str
) -> None:
    with source(tmp_path, faults=fault) as setup:
        done = setup.run(key, auto_advance_on_empty=True)
        assert done.phase == "suspect"
        assert word in (done.reason or "")
        assert setup.image_requests() <= 3 * pages_shown(setup, key)
        setup.sandbox.set_faults("")
        persist(setup, key)
        assert_complete(setup, key)


def both(*actions: Callable[[Progress], None]) -> Callable[[Progress], None]:
    def act(progress: Progress) -> None:
        for action in actions:
            action(progress)

    return act


MIXED_FAULTS = (
    "repeat-page:0.2",
    "empty-page:0.2",
    "false-end:0.1",
    "short-end:0.1",
    "duplicates:0.3",
    "skips:0.2",
    "route-flip:0.3",
    "odd-cursor:0.2",
    "truncated:0.1",
    "server-500:0.1",
    "bad-cursor-400:0.1",
    "html-200:0.1",
    "twice-in-page:0.3",
    "stale-copy",
)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_mixture_of_faults_kills_inserts_and_removals_costs_no_image(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    route = chance.choice(SEARCH_ROUTES)
    with source(tmp_path, route, ",".join(chance.sample(MIXED_FAULTS, 3))) as setup:
        unrest = Unrest(setup, LANTERN, seed)

        def calm() -> None:
            unrest.resting = True
            setup.sandbox.set_faults("")

        persist(setup, after_commit=both(unrest, Killer(seed, times=3)), calm_after=calm, step=90)
        look_again(setup)
        assert_complete(setup)


@pytest.mark.parametrize("route", ["feed", "bitdex"])
def test_everything_at_once_on_a_large_gallery_costs_no_image(tmp_path: Path, route: str) -> None:
    faults = "duplicates:0.1,route-flip:0.1,server-500:0.1,false-end:0.05,truncated:0.05"
    with source(tmp_path, route, faults) as setup:
        unrest = Unrest(setup, ATLAS, seed=2)

        def calm() -> None:
            unrest.resting = True
            setup.sandbox.set_faults("")

        persist(setup, ATLAS, after_commit=both(unrest, Killer(seed=4, times=3)), calm_after=calm, step=700)
        look_again(setup, ATLAS)
        assert_complete(setup, ATLAS)


def test_a_killed_run_is_no_error(tmp_path: Path) -> None:
    with source(tmp_path) as setup:
        with pytest.raises(KilledError):
            setup.run(max_items=20, after_commit=always_killed)
        assert (setup.state().status, setup.state().last_error) == ("idle", None)


def always_killed(_: Progress) -> None:
    raise KilledError
