"""Take over what the tool before this one collected, from its SQLite file, which is only read.

Prompts become images and are deduplicated and categorized; versions that the old tool collected are followed.
Running it twice changes nothing.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import dagster as dg
from rich.console import Console
from rich.table import Column, Table

from collect_pipeline.assets.legacy_report import import_metadata
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.instance import open_instance
from collect_pipeline.cli.output import say
from collect_pipeline.legacy.errors import LegacyFileError
from collect_pipeline.legacy.importing import import_legacy
from collect_pipeline.legacy.report import Report
from collect_pipeline.settings import load_settings
from collect_pipeline.warehouse.claims import AlreadyClaimedError

PIPE_WIDTH = 160


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and how to report."""
    parser.add_argument(
        "file", metavar="FILE.db", type=Path, help="the old tool's database, such as civitai_dataset.db"
    )
    parser.add_argument("--json", action="store_true", help="the report as one JSON object on stdout")


def execute(arguments: argparse.Namespace) -> int:
    """Take the file over, make its versions known to Dagster, and report."""
    settings = load_settings()
    warehouse = open_warehouse(settings, say)
    with open_instance(settings) as instance:
        try:
            report = import_legacy(warehouse, arguments.file, settings.collect_browsing_level, say=say)
        except (LegacyFileError, AlreadyClaimedError) as error:
            raise CommandError(str(error)) from error
        name = str(model_version_partitions.name)
        if not set(report.followed) <= set(instance.get_dynamic_partitions(name)):
            instance.add_dynamic_partitions(name, list(report.followed))
            metadata = import_metadata(report, warehouse)
            instance.report_runless_asset_event(dg.AssetMaterialization("model_versions", metadata=metadata))
    if arguments.json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        _show(report)
    return DONE


def _show(report: Report) -> None:
    # In a pipe there is no width to fit in, and no reason to cut words in two.
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    columns = ("Rows", "Came over", "Already there", "Left", "Odd")
    counts = Table("Table", *(Column(name, justify="right") for name in columns))
    for each in report.tables:
        numbers = (each.rows, each.came_over, each.already_there, each.left, each.odd)
        counts.add_row(each.table, *(str(number) if each.in_file else "" for number in numbers))
    console.print(counts)
    for each in report.tables:
        if not each.in_file:
            console.print(f"{each.table}: not in this file", soft_wrap=True)
        for what, reason, count in each.reasons():
            console.print(f"{each.table}: {count} {what}: {reason}", soft_wrap=True, markup=False)
    console.print(f"{report.prompts_new} new prompts, {report.prompts_categorized} categorized.")
    if report.followed:
        console.print(f"Followed: {', '.join(report.followed)}.", soft_wrap=True)
    if report.versions_named:
        console.print(f"{report.versions_named} further versions are named by prompts and not followed.")
