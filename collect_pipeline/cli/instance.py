"""Dagster's instance as the commands use it: the project's own home, without a daemon."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef  # the only way to override a part of dagster.yaml
from filelock import FileLock
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collect_pipeline.assets.model_versions import followed_metadata, model_versions
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import read_overview
from collect_pipeline.civitai.target import ResolvedModel
from collect_pipeline.cli.exit_codes import CommandError
from collect_pipeline.settings import PROJECT_ROOT, Settings
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import VersionRow


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance of `DAGSTER_HOME`; a new home gets the settings file that the project ships.

    Raises:
        CommandError: the home cannot be read or written, now or while the context lasts.
    """
    home = prepare_home(settings)
    # Without capture of stdout and stderr, which starts processes that cry out when Ctrl-C reaches them, too.
    overrides = {
        "compute_logs": {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": "NoOpComputeLogManager",
        }
    }
    try:
        # Dagster makes its tables on first use, and two processes that do so at once get in each other's way.
        with FileLock(home / ".first-use.lock"):
            instance = dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=overrides))
    except Exception as error:  # of many libraries: a broken home can be broken anywhere
        raise _unusable(home, error) from error
    with instance:
        try:
            yield instance
        except SQLAlchemyError as error:
            raise _unusable(home, error) from error


def prepare_home(settings: Settings) -> Path:
    """Dagster's home as an absolute path, made when missing, with the settings file that the project ships.

    Raises:
        CommandError: it cannot be made or written.
    """
    home = settings.dagster_home.absolute()
    ours = PROJECT_ROOT / ".dagster_home" / "dagster.yaml"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "dagster.yaml").exists() and ours.exists():
            shutil.copyfile(ours, home / "dagster.yaml")
    except OSError as error:
        raise _unusable(home, error) from error
    return home


def add_partitions(
    instance: dg.DagsterInstance,
    warehouse: Warehouse,
    resolved: ResolvedModel,
    versions: Sequence[VersionRow],
    settings: Settings,
) -> None:
    """Make versions known to Dagster, as partitions and in the asset `model_versions`."""
    name = str(model_version_partitions.name)
    keys = [version.partition_key for version in versions]
    if set(keys) <= set(instance.get_dynamic_partitions(name)):
        return
    instance.add_dynamic_partitions(name, keys)
    metadata = followed_metadata(resolved, versions, read_overview(settings, warehouse))
    instance.report_runless_asset_event(dg.AssetMaterialization(model_versions.key, metadata=metadata))


def _unusable(home: Path, error: Exception) -> CommandError:
    """SQLAlchemy's first line is what the database said; Dagster's is what is wrong with dagster.yaml."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    reason = cause.strerror if isinstance(cause, OSError) else None
    first_line = str(reason or cause).strip().splitlines()[0].rstrip(". ")
    return CommandError(f"Dagster's home {home} cannot be used ({first_line}); mend it or set DAGSTER_HOME to another.")
