"""Follow a model: its versions are registered as partitions. Nothing is collected yet."""

import argparse
from urllib.parse import urlsplit

from collect_pipeline.assets.resources import open_client, open_warehouse
from collect_pipeline.civitai.models import Version
from collect_pipeline.civitai.target import ResolvedModel, parse_target, resolve
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.instance import add_partitions, open_instance
from collect_pipeline.cli.numbers import whole
from collect_pipeline.cli.output import QUICK, say
from collect_pipeline.collection.follow import follow
from collect_pipeline.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to follow, and which of its versions."""
    parser.add_argument(
        "targets", nargs="+", metavar="TARGET", help="URL of a model, AIR, model id, version id or hash"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--version-id", type=whole(1), action="append", metavar="V", help="only this version (repeatable)"
    )
    which.add_argument("--latest", action="store_true", help="only the newest version")


def execute(arguments: argparse.Namespace) -> int:
    """Resolve every target first, then register: a wrong one changes nothing."""
    settings = load_settings()
    targets = [parse_target(text, urlsplit(settings.civitai_base_url).netloc) for text in arguments.targets]
    with open_client(settings, say, QUICK) as client:
        resolved = [_chosen(resolve(target, client), arguments) for target in targets]
    warehouse = open_warehouse(settings, say)
    without_version = []
    with open_instance(settings) as instance:
        for model in resolved:
            rows, added = follow(warehouse, model, settings.civitai_base_url)
            add_partitions(instance, warehouse, model, rows, settings)
            print(f"{model.model.name or 'Unnamed model'} by {model.model.creator or 'unknown'} ({model.model.type})")
            if model.note:
                print(f"  {model.note}")
            for row in rows:
                published = f"{row.published_at:%Y-%m-%d}" if row.published_at else "not dated"
                print(f"  {row.partition_key}  {row.version_name}  {row.base_model or ''}  {published}")
            if not rows:
                without_version.append(str(model.model.id))
            else:
                noun = "version" if len(rows) == 1 else "versions"
                print(f"  {len(rows)} {noun} followed, {added} of them new.")
    if without_version:
        raise CommandError(f"no version to follow yet: {', '.join(without_version)}; try again when one is published.")
    return DONE


def _chosen(resolved: ResolvedModel, arguments: argparse.Namespace) -> ResolvedModel:
    chosen = resolved.chosen
    if arguments.latest:
        chosen = resolved.versions[:1]
    if arguments.version_id:
        chosen = tuple(_one(resolved, version_id) for version_id in arguments.version_id)
    return ResolvedModel(resolved.model, resolved.versions, chosen, resolved.note)


def _one(resolved: ResolvedModel, version_id: int) -> Version:
    for version in resolved.versions:
        if version.id == version_id:
            return version
    known = ", ".join(str(version.id) for version in resolved.versions) or "none"
    raise CommandError(
        f"model {resolved.model.id} ({resolved.model.name}) shows no version {version_id}; its versions are: {known}."
    )
