"""Write the dataset: one row a prompt and one an image, with a card, for pandas, DuckDB, Polars and `datasets`.

DIR/parquet (csv, jsonl) names the newest export of that format. It is replaced in one step once the new one is whole;
the export before it stays until the next one, for those who are reading it.
"""

import argparse
from pathlib import Path

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.cli.output import say
from collect_pipeline.dataset.errors import ExportError
from collect_pipeline.dataset.export import export
from collect_pipeline.dataset.formats import Format
from collect_pipeline.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which format, and where to."""
    parser.add_argument("--format", choices=[*Format], default=Format.PARQUET, help="default: parquet")
    parser.add_argument("--out", type=Path, metavar="DIR", help="instead of COLLECT_EXPORT_DIR")


def execute(arguments: argparse.Namespace) -> int:
    """Export and say where it is."""
    settings = load_settings()
    place = arguments.out or settings.collect_export_dir
    try:
        done = export(open_warehouse(settings, say), place.expanduser().absolute(), Format(arguments.format), say)
    except ExportError as error:
        raise CommandError(str(error)) from error
    print(f"{done.link} shows {done.folder.name}: {done.files} files, {done.bytes / 1e6:.1f} MB.")
    print(f"What is in it: {done.link / 'README.md'}")
    return DONE
