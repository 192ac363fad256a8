"""Dagster's instance as the commands use it: the project's own home, without a daemon."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.cli.exit_codes import CommandError
from collect_pipeline.settings import PROJECT_ROOT, Settings


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance of `DAGSTER_HOME`; a new home gets the settings file that the project ships."""
    home = settings.dagster_home
    try:
        _prepare(home)
    except OSError as error:
        raise CommandError(
            f"Dagster's home {home} cannot be used ({error.strerror}); make it writable or set DAGSTER_HOME."
        ) from error
    # Dagster reads the variable itself, and wants an absolute path.
    os.environ["DAGSTER_HOME"] = str(home)
    with dg.DagsterInstance.get() as instance:
        yield instance


def add_partitions(instance: dg.DagsterInstance, keys: Sequence[str]) -> None:
    """Make versions known to Dagster; those that are known already stay as they are."""
    instance.add_dynamic_partitions(str(model_version_partitions.name), list(keys))


def _prepare(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    ours = PROJECT_ROOT / ".dagster_home" / "dagster.yaml"
    if not (home / "dagster.yaml").exists() and ours.exists():
        shutil.copyfile(ours, home / "dagster.yaml")
