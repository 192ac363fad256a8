"""Make the report: what was collected, as charts and tables on one HTML page.

Mature wording is masked in it unless --show-mature is given. Starts no run and changes nothing but the file.
"""

import argparse
from pathlib import Path

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.numbers import whole
from collect_pipeline.cli.output import say
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.report import FILE_NAME, ReportError, build_report, write_page
from collect_pipeline.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, about what, and how open."""
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"the page to write; by default {FILE_NAME} in the export folder"
    )
    parser.add_argument(
        "--version-id", type=whole(1), metavar="V", help="one version only; otherwise all together and each"
    )
    parser.add_argument("--show-mature", action="store_true", help="mask nothing")


def execute(arguments: argparse.Namespace) -> int:
    """Read the warehouse, write the page, and say where it is."""
    settings = load_settings()
    file = (arguments.out or settings.collect_export_dir / FILE_NAME).expanduser()
    try:
        report = build_report(
            open_warehouse(settings, say), utc_now(), version_id=arguments.version_id, show_mature=arguments.show_mature
        )
        write_page(report, file)
    except ReportError as error:
        raise CommandError(str(error)) from error
    totals = report.main.totals
    print(f"The report on {totals.images:,} images and {totals.prompts:,} distinct prompts is in {file}")
    return DONE
