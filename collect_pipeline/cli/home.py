"""Prints Dagster's home as an absolute path, ready for use: `python -m collect_pipeline.cli.home`, for the Makefile."""

import sys

from collect_pipeline.cli.exit_codes import CommandError
from collect_pipeline.cli.instance import prepare_home
from collect_pipeline.settings import SettingsError, load_settings

if __name__ == "__main__":
    try:
        print(prepare_home(load_settings()))
    except (CommandError, SettingsError) as error:
        sys.exit(f"collect-pipeline: {error}")
