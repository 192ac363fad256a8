"""Write a copy of the warehouse to FILE, to be kept open by any DuckDB client for as long as one likes.

FILE is replaced in one step once the copy is whole; whoever has an earlier copy open keeps that one.
"""

import argparse
from pathlib import Path

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.cli.exit_codes import DONE
from collect_pipeline.cli.output import say
from collect_pipeline.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("file", type=Path, metavar="FILE", help="such as prompts.duckdb; an earlier copy is replaced")


def execute(arguments: argparse.Namespace) -> int:
    """Copy and say how large it is."""
    target = arguments.file.expanduser().absolute()
    open_warehouse(load_settings(), say).copy_to(target)
    print(f"{target} is a copy of the warehouse as it is now, {target.stat().st_size / 1e6:.1f} MB.")
    return DONE
