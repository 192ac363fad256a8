"""Collect now: one Dagster run for each version, going on where the last run stopped."""

import argparse

from collect_pipeline.assets.resources import check_key, open_client, open_warehouse
from collect_pipeline.automation.dead_runs import end_dead_runs
from collect_pipeline.civitai.levels import level_names
from collect_pipeline.civitai.target import resolve_pair
from collect_pipeline.cli.display import display
from collect_pipeline.cli.exit_codes import DONE, USAGE, WAREHOUSE, CommandError, VersionFailedError
from collect_pipeline.cli.instance import add_partitions, open_instance
from collect_pipeline.cli.launching import launch
from collect_pipeline.cli.numbers import whole
from collect_pipeline.cli.output import QUICK, say
from collect_pipeline.cli.repeating import ONCE, Repetition, collect_repeatedly
from collect_pipeline.collection.collector import Progress
from collect_pipeline.collection.follow import keys, register
from collect_pipeline.collection.overview import next_cursors
from collect_pipeline.collection.walk import Phase
from collect_pipeline.settings import Settings, load_settings

ITERATIONS = 100
PAUSE = 10.0
MOST = 10**9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which versions, how much, and from where."""
    parser.add_argument("--model-id", type=whole(1), metavar="M", help="a model; alone, all its versions")
    parser.add_argument("--version-id", type=whole(1), metavar="V", help="one version")
    parser.add_argument("--max-items", type=whole(1, MOST), metavar="N", help="stop after exactly N images a version")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--start-offset", type=whole(0, MOST), metavar="K", help="start K images into the list")
    where.add_argument("--start-cursor", type=_cursor, metavar="C", help="start at this cursor")
    where.add_argument("--restart", action="store_true", help="begin again at the first page")
    parser.add_argument(
        "--auto-advance-on-empty", action="store_true", help="move the cursor on even if every image was known"
    )
    parser.add_argument(
        "--repeat",
        action="store_true",
        help="run again until the end is reached and nothing is new; the place to start from counts for the first run",
    )
    parser.add_argument(
        "--max-iterations",
        type=whole(1, MOST),
        metavar="I",
        help=f"with --repeat: at most I runs (default {ITERATIONS})",
    )
    parser.add_argument(
        "--repeat-sleep",
        type=_seconds,
        metavar="S",
        help=f"with --repeat: seconds between one run and the next (default {PAUSE:.0f})",
    )
    parser.add_argument("--no-categorize", action="store_true", help="collect and deduplicate only")


def execute(arguments: argparse.Namespace) -> int:
    """Find out what is meant, follow it, run, and print the closing line."""
    if arguments.model_id is None and arguments.version_id is None:
        raise CommandError("say what to collect: --model-id, --version-id, or both.", USAGE)
    repetition = _repetition(arguments)
    settings = load_settings()
    with open_client(settings, say, QUICK) as client:
        check_key(settings, client, say)
        resolved = resolve_pair(arguments.model_id, arguments.version_id, client)
    if resolved.note:
        say(resolved.note)
    warehouse = open_warehouse(settings, say)
    rows = register(warehouse, resolved, settings.civitai_base_url)
    if not rows:
        raise CommandError(f"the model {resolved.model.name} shows no version that could be collected.")
    job = "collect_only" if arguments.no_categorize else "collect"
    done: list[Progress] = []
    failed: dict[str, CommandError] = {}
    with open_instance(settings) as instance:
        for run_id in end_dead_runs(instance):
            say(f"The run {run_id} was killed earlier; it is marked as failed now.")
        add_partitions(instance, warehouse, resolved, rows, settings)
        with display(arguments.max_items) as shown:

            def collect_once(key: str, first: bool) -> Progress | None:
                try:
                    launch(instance, job, key, _run_config(arguments, first))
                except VersionFailedError as error:
                    failed[key] = error
                finally:
                    progress = shown.take_last()
                    done.extend([progress] if progress else [])
                return None if key in failed else progress

            is_readable = True
            try:
                collect_repeatedly(keys(rows), repetition, collect_once)
            except CommandError as error:
                is_readable = error.exit_code != WAREHOUSE
                raise
            finally:
                if is_readable:
                    print(closing_line(done, next_cursors(warehouse, keys(rows)), settings), flush=True)
    for progress in {progress.partition_key: progress for progress in done}.values():
        if progress.phase == Phase.SUSPECT:
            failed.setdefault(progress.partition_key, _given_up(progress))
    if failed:
        first, *others = failed.values()
        more = f" (and {len(others)} more of {len(rows)} versions failed)" if others else ""
        raise CommandError(f"{first}{more}", first.exit_code)
    return DONE


def closing_line(done: list[Progress], cursors: dict[str, str], settings: Settings) -> str:
    """One line with the sums of some runs. `Next` is the cursor of the only version; of several versions, those that
    are not at their end with their cursors."""
    unfinished = [f"{key}={cursor}" for key, cursor in cursors.items() if cursor != "end"]
    following = ",".join(unfinished) or "end"
    if len(cursors) == 1:
        following = next(iter(cursors.values()))
    counts = {
        name: sum(getattr(progress, name.lower()) for progress in done)
        for name in ("Collected", "Valid", "New", "Duplicates", "Rejected")
    }
    levels = level_names(settings.collect_browsing_level)
    return " ".join(f"{name}: {number}" for name, number in counts.items()) + f" Next: {following} Levels: {levels}"


def _given_up(progress: Progress) -> CommandError:
    return CommandError(
        f"{progress.partition_key} was given up for now: {progress.reason}; what came before is stored, and the next "
        "run begins again at the first page."
    )


def _run_config(arguments: argparse.Namespace, first: bool) -> dict[str, object]:
    always = ("max_items", "auto_advance_on_empty")
    at_first = ("start_offset", "start_cursor", "restart")
    names = (*always, *at_first) if first else always
    values = {name: getattr(arguments, name) for name in names}
    given = {name: value for name, value in values.items() if value is not None and value is not False}
    return {"ops": {"raw_pages": {"config": given}}}


def _repetition(arguments: argparse.Namespace) -> Repetition:
    if arguments.repeat:
        pause = PAUSE if arguments.repeat_sleep is None else arguments.repeat_sleep
        return Repetition(arguments.max_iterations or ITERATIONS, pause)
    if arguments.max_iterations is not None or arguments.repeat_sleep is not None:
        raise CommandError("--max-iterations and --repeat-sleep say how to repeat; add --repeat.", USAGE)
    return ONCE


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"must be seconds from 0 to 86400, not {text!r}")
    return seconds


def _cursor(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must be a cursor as CivitAI gave it; leave the option out to go on")
    return text
