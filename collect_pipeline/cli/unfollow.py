"""Stop following versions. Nothing is deleted: what was collected stays, and following again goes on."""

import argparse
from urllib.parse import urlsplit

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.civitai.target import Target, TargetKind, parse_target
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.output import say
from collect_pipeline.settings import load_settings
from collect_pipeline.warehouse.state import VersionRow, read_versions, unfollow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which versions."""
    parser.add_argument(
        "targets", nargs="+", metavar="TARGET", help="partition key, URL of a model, AIR, model id or version id"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Look every target up among the followed versions, then stop following them all."""
    settings = load_settings()
    own_host = urlsplit(settings.civitai_base_url).netloc
    targets = {text: parse_target(text, own_host) for text in arguments.targets}
    with open_warehouse(settings, say).transaction() as connection:
        followed = read_versions(connection)
        chosen = {row.partition_key for text, target in targets.items() for row in _matching(followed, text, target)}
        for key in unfollow(connection, sorted(chosen)):
            print(f"{key} is not followed any more.")
    return DONE


def _matching(followed: list[VersionRow], text: str, target: Target) -> list[VersionRow]:
    found = [row for row in followed if _is_meant(row, target)]
    if not found:
        raise CommandError(f"nothing that is followed has the key or id {text}; see `collect-pipeline status`.")
    return found


def _is_meant(row: VersionRow, target: Target) -> bool:
    is_model = row.model_id == target.id and target.version_id in {None, row.model_version_id}
    is_version = row.model_version_id == target.id
    if target.kind is TargetKind.NUMBER:
        return is_model or is_version
    return is_model if target.kind is TargetKind.MODEL else is_version and target.kind is TargetKind.VERSION
