"""The asset `model_versions`: what is followed, with names and dates as CivitAI shows them now."""

from collections.abc import Sequence

import dagster as dg

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.followed import MetadataEntry, status_metadata, version_links, versions_table
from collect_pipeline.assets.resources import Collection, open_client, read_overview
from collect_pipeline.assets.tables import column_schema, count
from collect_pipeline.civitai.client import RetryPolicy
from collect_pipeline.civitai.errors import SourceError
from collect_pipeline.civitai.target import ResolvedModel
from collect_pipeline.collection.follow import refresh_followed
from collect_pipeline.collection.overview import VersionStatus
from collect_pipeline.settings import Settings
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import VersionRow

_BRIEF = RetryPolicy(attempts=3, patience=10.0, challenge_wait=0.0)


@dg.asset(
    group_name="collection",
    kinds={"python", "duckdb"},
    owners=["team:collect-pipeline"],
    tags={"source": "civitai"},
    metadata={"dagster/table_name": "model_versions"},
    code_version="1",
)
def model_versions(context: dg.AssetExecutionContext, collection: Collection) -> dg.MaterializeResult[None]:
    """Everything you follow: one row is one version of a model, how far it is collected, what is due, what is wrong.

    To follow a model, paste the address of its page into the job `follow_model`. Press *Materialize* to see the table
    as it is now; that asks CivitAI once for each model and brings names, base models and dates up to date.

    The phases: *not begun*; *draining*, the gallery is being read for the first time; *confirming*, its end is asked
    for again before it is believed; *following*, complete, and looked at for new images; *suspect*, CivitAI gave pages
    that cannot be right, and collection starts over later by itself; *failed*, the last run ended with an error.
    """
    with readable_failures(context):
        warehouse = collection.warehouse(context.log.info)
        refreshed = _refresh(context, warehouse, collection.settings())
        statuses = read_overview(collection.settings(), warehouse)
        with warehouse.transaction() as connection:
            return dg.MaterializeResult(
                metadata={
                    **status_metadata(statuses),
                    "names and dates": refreshed,
                    "dagster/row_count": count(connection, "SELECT count(*) FROM model_versions WHERE followed"),
                    "dagster/column_schema": column_schema(connection, "model_versions"),
                }
            )


def _refresh(context: dg.AssetExecutionContext, warehouse: Warehouse, settings: Settings) -> str:
    """Bring names and dates up to date, if CivitAI can be asked; when it cannot, the table is wanted most."""
    try:
        with open_client(settings, context.log.info, _BRIEF) as client:
            refreshed = refresh_followed(warehouse, client)
    except SourceError as error:
        context.log.warning(f"{error} Names and dates stay as they were.")
        return f"as they were: {error}"
    for gone in refreshed.not_found:
        context.log.warning(f"{gone} is not shown by CivitAI any more; what was collected stays.")
    return f"asked for {refreshed.models} models; {len(refreshed.not_found)} versions are not shown any more"


def followed_metadata(
    resolved: ResolvedModel, versions: Sequence[VersionRow], statuses: Sequence[VersionStatus]
) -> dict[str, MetadataEntry]:
    """What is shown of a model that was followed just now: itself, its versions, then all that is followed."""
    return {
        "versions": versions_table(versions),
        "model": resolved.model.name or "without a name",
        "creator": resolved.model.creator or "unknown",
        "page": dg.MetadataValue.url(f"https://civitai.com/models/{resolved.model.id}"),
        "versions with links": version_links(versions),
        **status_metadata(statuses),
    }
