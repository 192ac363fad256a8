"""Compare what is stored with what the source shows now. Changes nothing.

Exits 1 when an image is missing, or when a gallery could not be walked to its end.
"""

import argparse
import json
from dataclasses import asdict

from collect_pipeline.assets.resources import open_client, open_warehouse
from collect_pipeline.cli.exit_codes import DONE, FAILED, CommandError
from collect_pipeline.cli.numbers import whole
from collect_pipeline.cli.output import say
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.verify import Verification, verify
from collect_pipeline.collection.walk import Policy
from collect_pipeline.settings import Settings, load_settings
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import read_states, read_versions

SHOWN_IDS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which version, and how to say it."""
    parser.add_argument("--version-id", type=whole(1), metavar="V", help="one followed version; all of them otherwise")
    parser.add_argument("--json", action="store_true", help="one JSON list on stdout")


def execute(arguments: argparse.Namespace) -> int:
    """Walk each gallery from both ends and say what differs."""
    settings = load_settings()
    warehouse = open_warehouse(settings, say)
    versions = _versions(warehouse, settings, arguments.version_id)
    results = []
    with open_client(settings, say) as client:
        for key, level in versions:
            say(f"Walking {key} from both ends.")
            results.append(verify(warehouse, client, key, level, Policy()))
    if arguments.json:
        print(json.dumps([_as_json(result) for result in results], indent=2))
    else:
        for result in results:
            print(_sentences(result))
    return FAILED if any(result.missing or result.trouble for result in results) else DONE


def _versions(warehouse: Warehouse, settings: Settings, version_id: int | None) -> list[tuple[VersionKey, int]]:
    """The versions to compare, each with the levels that it was collected at."""
    with warehouse.transaction() as connection:
        followed = read_versions(connection)
        states = read_states(connection)
    chosen = [row.partition_key for row in followed if version_id in {None, row.model_version_id}]
    if not chosen:
        which = "nothing is followed" if version_id is None else f"no version {version_id} is followed"
        raise CommandError(f"{which}, so there is nothing to compare; begin with `collect-pipeline follow URL`.")
    default = settings.collect_browsing_level
    return [(VersionKey.parse(key), states[key].browsing_level if key in states else default) for key in chosen]


def _as_json(result: Verification) -> dict[str, object]:
    differences = {
        name: {"count": len(ids), "image_ids": list(ids[:SHOWN_IDS])}
        for name, ids in (("missing", result.missing), ("extra", result.extra), ("changed", result.changed))
    }
    return asdict(result) | differences


def _sentences(result: Verification) -> str:
    lines = [f"{result.partition_key}: {result.shown} shown, {result.stored} stored."]
    if result.trouble:
        lines.append(f"  The gallery could not be walked to its end: {result.trouble}.")
    for what, ids in (
        ("missing (shown, not stored)", result.missing),
        ("extra (stored, not shown any more)", result.extra),
        ("changed (shown with another prompt)", result.changed),
    ):
        if ids:
            more = ", …" if len(ids) > SHOWN_IDS else ""
            lines.append(f"  {len(ids)} {what}: {', '.join(str(image_id) for image_id in ids[:SHOWN_IDS])}{more}")
    if len(lines) == 1:
        lines.append("  Nothing is missing, extra or changed.")
    return "\n".join(lines)
