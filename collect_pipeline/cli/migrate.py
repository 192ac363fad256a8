"""Bring the warehouse to the current schema. A new one is created; one that is up to date is left alone."""

import argparse

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.cli.exit_codes import DONE
from collect_pipeline.cli.output import say
from collect_pipeline.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def execute(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command has this function
    """Apply what is missing and say what that was."""
    settings = load_settings()
    applied = open_warehouse(settings, say).migrate()
    for migration in applied:
        print(f"Applied {migration.version:04d} {migration.name}.")
    print(f"{settings.collect_database} has the current schema.")
    return DONE
