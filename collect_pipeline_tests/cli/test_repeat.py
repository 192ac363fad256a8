"""Repeated runs: when they go on, when they stop, and what they add up."""

import signal
from collections.abc import Callable

import pytest

from collect_pipeline.cli.repeating import Repetition, collect_repeatedly
from collect_pipeline.collection.collector import Progress
from collect_pipeline_tests.cli.conftest import Shell
from collect_pipeline_tests.cli.test_commands import closing
from collect_pipeline_tests.conftest import LANTERN

KEY = "1@2"


def run_of(linked: int, cursor: str | None) -> Progress:
    """What a run ended with: images that it added, and where it stands."""
    leg = None if cursor is None else "drain"
    return Progress(KEY, "draining", leg, 1, 10, 10, linked, 10 - linked, 0, 50, linked, cursor, None)


def player(runs: list[Progress]) -> Callable[[str, bool], Progress]:
    rest = iter(runs)
    return lambda _key, _first: next(rest)


@pytest.mark.parametrize(
    ("runs", "needed"),
    [
        ([run_of(0, None)], 1),
        ([run_of(5, None), run_of(0, None)], 2),
        ([run_of(5, "a"), run_of(5, "b"), run_of(1, None), run_of(0, None)], 4),
        ([run_of(0, "a"), run_of(0, "b"), run_of(0, None)], 3),
        ([run_of(5, "a"), run_of(0, "a"), run_of(9, "b")], 2),
        ([run_of(1, "a"), run_of(1, "b"), run_of(1, "c"), run_of(1, "d"), run_of(1, "e")], 4),
    ],
    ids=["nothing new", "new once", "on to the end", "known pages", "stands still", "most iterations"],
)
def test_it_repeats_until_another_run_would_bring_nothing(runs: list[Progress], needed: int) -> None:
    pauses: list[float] = []
    done = collect_repeatedly([KEY], Repetition(4, 7.0), player(runs), pauses.append)
    assert done == runs[:needed]
    assert pauses == [7.0] * (needed - 1)


def test_only_the_first_run_is_told_where_to_start() -> None:
    told = []

    def collect_once(_: str, first: bool) -> Progress:
        told.append(first)
        return run_of(1, "a")

    collect_repeatedly([KEY], Repetition(3, 0), collect_once, lambda _: None)
    assert told == [True, False, False]


def test_a_repeated_run_goes_to_the_end_and_closes_with_the_sums(shell: Shell) -> None:
    version = str(LANTERN.version_id)
    limits = ["--max-items", "200", "--repeat", "--max-iterations", "2", "--repeat-sleep", "0"]
    result = shell.run("run", "--version-id", version, "--restart", *limits)
    assert result.returncode == 0, result.stderr
    stored = shell.query("SELECT count(*) FROM images")[0][0]
    assert closing(result.stdout)["new"] == str(stored)
    assert int(closing(result.stdout)["collected"]) > 200
    assert shell.query("SELECT count(DISTINCT run_id) FROM raw_pages") == [(2,)]


def test_a_repeated_run_can_be_interrupted_and_leaves_an_idle_state(shell: Shell) -> None:
    endless = ["--max-items", "5", "--repeat", "--repeat-sleep", "60"]
    process = shell.start("run", "--version-id", str(LANTERN.version_id), *endless)
    assert process.stderr is not None
    first_page = next(line for line in process.stderr if line.startswith("Page 1"))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert "5 images received" in first_page
    assert process.returncode == 130, said
    assert shell.query("SELECT status, total_collected FROM collection_state") == [("idle", 5)]


def test_how_to_repeat_without_repeat_is_wrong_usage(shell: Shell) -> None:
    result = shell.run("run", "--version-id", str(LANTERN.version_id), "--max-iterations", "3")
    assert result.returncode == 2
    assert "--repeat" in result.stderr
