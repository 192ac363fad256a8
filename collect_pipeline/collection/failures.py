"""Runs that fail before the collector has begun: the state says so all the same, or they would be due again at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from collect_pipeline.civitai.errors import SourceError
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.progress import load, save
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.origin import MixedOriginsError
from collect_pipeline.warehouse.state import read_versions


@contextmanager
def failures_recorded(warehouse: Warehouse, key: VersionKey, browsing_level: int) -> Iterator[None]:
    """Write an error of the source into the state of a version that is known, and pass it on."""
    try:
        yield
    except (SourceError, MixedOriginsError) as error:
        with warehouse.transaction() as connection:
            if any(version.partition_key == str(key) for version in read_versions(connection, followed_only=False)):
                now = utc_now()
                state = load(connection, key, browsing_level, now)
                save(connection, replace(state, status="failed", last_error=str(error)), now)
        raise
