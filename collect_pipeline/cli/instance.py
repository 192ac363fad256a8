"""Dagster's instance as the commands use it: the project's own home, without a daemon."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from collect_pipeline.assets.model_versions import FOLLOWED_TABLE, followed_metadata
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.tables import table
from collect_pipeline.civitai.target import ResolvedModel
from collect_pipeline.cli.exit_codes import CommandError
from collect_pipeline.settings import PROJECT_ROOT, Settings
from collect_pipeline.warehouse.connection import Warehouse


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


def add_partitions(
    instance: dg.DagsterInstance, warehouse: Warehouse, resolved: ResolvedModel, keys: Sequence[str]
) -> None:
    """Make versions known to Dagster, as partitions and in the asset `model_versions`."""
    name = str(model_version_partitions.name)
    if set(keys) <= set(instance.get_dynamic_partitions(name)):
        return
    instance.add_dynamic_partitions(name, list(keys))
    with warehouse.transaction() as connection:
        metadata = followed_metadata(resolved, len(keys), table(connection, FOLLOWED_TABLE))
    instance.report_runless_asset_event(dg.AssetMaterialization("model_versions", metadata=metadata))


def _prepare(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    ours = PROJECT_ROOT / ".dagster_home" / "dagster.yaml"
    if not (home / "dagster.yaml").exists() and ours.exists():
        shutil.copyfile(ours, home / "dagster.yaml")
