"""Following versions: from what the API says of a model to rows of `model_versions`. Knows nothing of Dagster."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import NotFoundError
from collect_pipeline.civitai.models import Version
from collect_pipeline.civitai.target import ResolvedModel, Target, TargetKind, resolve
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
from collect_pipeline.warehouse.connection import Connection, Warehouse
from collect_pipeline.warehouse.origin import keep_origin
from collect_pipeline.warehouse.state import VersionRow, read_versions, save_versions, set_followed


@dataclass(frozen=True)
class Refreshed:
    """What a refresh found: models asked for, and the partition keys that the source does not show any more."""

    models: int
    not_found: tuple[str, ...]


def follow(warehouse: Warehouse, resolved: ResolvedModel, base_url: str) -> tuple[list[VersionRow], int]:
    """Register the chosen versions of a model that `base_url` shows as followed.

    Returns their rows, and how many were not known before.

    Raises:
        MixedOriginsError: the warehouse was filled from another kind of place.
    """
    with warehouse.transaction() as connection:
        rows, added = _saved(connection, resolved, base_url)
        set_followed(connection, keys(rows))
    return rows, added


def register(warehouse: Warehouse, resolved: ResolvedModel, base_url: str) -> list[VersionRow]:
    """Like `follow`, but versions that somebody stopped following stay so. Returns the rows of the chosen versions."""
    with warehouse.transaction() as connection:
        return _saved(connection, resolved, base_url)[0]


def ensure_followed(warehouse: Warehouse, client: CivitaiClient, key: VersionKey) -> None:
    """Register a version that was added as a partition by hand; one that is known stays as it is.

    Raises:
        NotFoundError, InvalidTargetError: the source knows no such version of that model.
    """
    with warehouse.transaction() as connection:
        known = {version.partition_key for version in read_versions(connection, followed_only=False)}
    if str(key) not in known:
        register(warehouse, resolve(Target(TargetKind.MODEL, key.model_id, key.version_id), client), client.base_url)


def refresh_followed(warehouse: Warehouse, client: CivitaiClient) -> Refreshed:
    """Ask the source for every followed model once and bring names, base models and dates up to date."""
    with warehouse.transaction() as connection:
        followed = read_versions(connection)
    by_model: dict[int, list[VersionRow]] = {}
    for row in followed:
        by_model.setdefault(row.model_id, []).append(row)
    now = utc_now()
    fresh: list[VersionRow] = []
    not_found: list[str] = []
    for model_id, rows in by_model.items():
        shown = _versions_shown(client, model_id)
        fresh += [
            version_row(model_id, shown[row.model_version_id], now, followed=True)
            for row in rows
            if row.model_version_id in shown
        ]
        not_found += [row.partition_key for row in rows if row.model_version_id not in shown]
    with warehouse.transaction() as connection:
        save_versions(connection, fresh)
    return Refreshed(len(by_model), tuple(not_found))


def earliest_image(connection: Connection, key: VersionKey, policy: Policy) -> datetime | None:
    """Images older than this are hardly a version's own, which was published well after them; None if not known."""
    row = connection.execute(
        "SELECT published_at - ? FROM model_versions WHERE partition_key = ?", [policy.scope_before, str(key)]
    ).fetchone()
    return row[0] if row else None


def version_row(model_id: int, version: Version, now: datetime, followed: bool) -> VersionRow:
    """A version as a row of `model_versions`."""
    return VersionRow(
        partition_key=str(VersionKey(model_id, version.id)),
        model_id=model_id,
        model_version_id=version.id,
        model_name=version.model_name,
        version_name=version.name,
        model_type=version.model_type,
        base_model=version.base_model,
        published_at=version.published_at,
        air=version.air,
        creator=version.creator,
        followed=followed,
        added_at=now,
        refreshed_at=now,
    )


def keys(rows: Iterable[VersionRow]) -> list[str]:
    """The partition keys of some versions."""
    return [row.partition_key for row in rows]


def _saved(connection: Connection, resolved: ResolvedModel, base_url: str) -> tuple[list[VersionRow], int]:
    keep_origin(connection, base_url)
    now = utc_now()
    rows = [version_row(resolved.model.id, version, now, followed=True) for version in resolved.chosen]
    return rows, save_versions(connection, rows)


def _versions_shown(client: CivitaiClient, model_id: int) -> dict[int, Version]:
    try:
        return {version.id: version for version in client.model(model_id).versions}
    except NotFoundError:
        return {}
