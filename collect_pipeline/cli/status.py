"""Every followed version: how far it is, what is due, what is wrong."""

import argparse
import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collect_pipeline.assets.resources import open_warehouse, read_overview
from collect_pipeline.civitai.levels import level_names
from collect_pipeline.cli.exit_codes import DONE
from collect_pipeline.cli.output import say
from collect_pipeline.collection.overview import VersionStatus
from collect_pipeline.settings import load_settings

PIPE_WIDTH = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Table or JSON."""
    parser.add_argument("--json", action="store_true", help="one JSON list on stdout")


def execute(arguments: argparse.Namespace) -> int:
    """Read the warehouse and show it."""
    settings = load_settings()
    rows = read_overview(settings, open_warehouse(settings, say))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], default=str, indent=2))
    elif rows:
        # In a pipe there is no width to fit in, and no reason to cut keys in two.
        Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(_table(rows))
    else:
        print("Nothing is followed yet; begin with `collect-pipeline follow URL`.")
    return DONE


def _table(rows: list[VersionStatus]) -> Table:
    table = Table()
    table.add_column("Partition", no_wrap=True)
    table.add_column("Version", overflow="fold")
    table.add_column("Phase")
    table.add_column("Images", justify="right", no_wrap=True)
    table.add_column("Valid", justify="right", no_wrap=True)
    table.add_column("Levels")
    table.add_column("Last success", no_wrap=True)
    table.add_column("Next cursor", overflow="fold")
    table.add_column("Due", no_wrap=True)
    table.add_column("Wrong", overflow="fold")
    for row in rows:
        cells = (
            row.partition_key,
            f"{row.model_name or ''} {row.version_name or ''}",
            row.phase + (" (running)" if row.running else ""),
            str(row.total_collected),
            str(row.valid),
            level_names(row.browsing_level) if row.browsing_level else "",
            f"{row.last_successful_fetch_at:%Y-%m-%d %H:%M}" if row.last_successful_fetch_at else "never",
            row.next_page_cursor or "",
            row.due,
            row.wrong or "",
        )
        # As text: names and errors are other people's words, and may hold what looks like markup.
        table.add_row(*(Text(cell) for cell in cells))
    return table
