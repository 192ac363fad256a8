"""Collect now: one Dagster run for each version, going on where the last run stopped."""

import argparse

from collect_pipeline.assets.resources import open_client, open_warehouse
from collect_pipeline.civitai.target import resolve_pair
from collect_pipeline.cli.display import display
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.instance import add_partitions, open_instance
from collect_pipeline.cli.launching import end_dead_runs, launch
from collect_pipeline.cli.levels import level_names
from collect_pipeline.cli.output import QUICK, say
from collect_pipeline.collection.collector import Progress
from collect_pipeline.collection.follow import follow, keys
from collect_pipeline.settings import Settings, load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which versions, how much, and from where."""
    parser.add_argument("--model-id", type=_id, metavar="M", help="a model; alone, all its versions")
    parser.add_argument("--version-id", type=_id, metavar="V", help="one version")
    parser.add_argument("--max-items", type=_positive, metavar="N", help="stop after exactly N images a version")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--start-offset", type=_not_negative, metavar="K", help="start K images into the list")
    where.add_argument("--start-cursor", metavar="C", help="start at this cursor")
    where.add_argument("--restart", action="store_true", help="begin again at the first page")
    parser.add_argument(
        "--auto-advance-on-empty", action="store_true", help="move the cursor on even if every image was known"
    )
    parser.add_argument("--no-categorize", action="store_true", help="collect and deduplicate only")


def execute(arguments: argparse.Namespace) -> int:
    """Find out what is meant, follow it, run, and print the closing line."""
    if arguments.model_id is None and arguments.version_id is None:
        raise CommandError("say what to collect: --model-id, --version-id, or both.", 2)
    settings = load_settings()
    with open_client(settings, say, QUICK) as client:
        if settings.civitai_api_key is not None:
            client.me()
        resolved = resolve_pair(arguments.model_id, arguments.version_id, client)
    if resolved.note:
        say(resolved.note)
    warehouse = open_warehouse(settings, say)
    rows, _ = follow(warehouse, resolved)
    if not rows:
        raise CommandError(f"the model {resolved.model.name} shows no version that could be collected.")
    done = []
    with open_instance(settings) as instance:
        for run_id in end_dead_runs(instance):
            say(f"The run {run_id} was killed earlier; it is marked as failed now.")
        add_partitions(instance, warehouse, resolved, keys(rows))
        with display(arguments.max_items) as shown:
            for key in keys(rows):
                launch(instance, "collect_only" if arguments.no_categorize else "collect", key, _run_config(arguments))
                if shown.last is not None:
                    done.append(shown.last)
    print(closing_line(done, settings))
    return DONE


def closing_line(done: list[Progress], settings: Settings) -> str:
    """One line about all versions of a run; `Next` is the cursor of the only one, or of each that has one."""
    cursors = [
        (progress.partition_key, progress.next_cursor or progress.leg) for progress in done if not progress.at_end
    ]
    following = ",".join(f"{key}={cursor}" for key, cursor in cursors) or "end"
    if len(done) == 1 and cursors:
        following = str(cursors[0][1])
    counts = {
        name: sum(getattr(progress, name.lower()) for progress in done)
        for name in ("Collected", "Valid", "New", "Duplicates", "Rejected")
    }
    levels = level_names(settings.collect_browsing_level)
    return " ".join(f"{name}: {number}" for name, number in counts.items()) + f" Next: {following} Levels: {levels}"


def _run_config(arguments: argparse.Namespace) -> dict[str, object]:
    names = ("max_items", "start_offset", "start_cursor", "restart", "auto_advance_on_empty")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) not in {None, False}}
    return {"ops": {"raw_pages": {"config": given}}}


def _id(text: str) -> int:
    return _whole(text, 1, 2**31 - 1)


def _positive(text: str) -> int:
    return _whole(text, 1, 10**9)


def _not_negative(text: str) -> int:
    return _whole(text, 0, 10**9)


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text!r}")
    return int(text)
