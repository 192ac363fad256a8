"""Stop following versions. Nothing is deleted: what was collected stays, and following again goes on."""

import argparse

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.output import say
from collect_pipeline.settings import load_settings
from collect_pipeline.warehouse.state import VersionRow, read_versions, unfollow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which versions."""
    parser.add_argument("targets", nargs="+", metavar="TARGET", help="partition key, model id or version id")


def execute(arguments: argparse.Namespace) -> int:
    """Look every target up among the followed versions, then stop following them all."""
    warehouse = open_warehouse(load_settings(), say)
    with warehouse.transaction() as connection:
        followed = read_versions(connection)
        chosen = {row.partition_key for target in arguments.targets for row in _matching(followed, target)}
        for key in unfollow(connection, sorted(chosen)):
            print(f"{key} is not followed any more.")
    return DONE


def _matching(followed: list[VersionRow], target: str) -> list[VersionRow]:
    names = {"partition_key", "model_id", "model_version_id"}
    found = [row for row in followed if target in {str(getattr(row, name)) for name in names}]
    if not found:
        raise CommandError(f"nothing that is followed has the key or id {target}; see `collect-pipeline status`.")
    return found
