"""The asset `model_versions`: what is followed, with names and dates as CivitAI shows them now."""

import dagster as dg

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.resources import Collection
from collect_pipeline.assets.tables import column_schema, count, table
from collect_pipeline.civitai.target import ResolvedModel
from collect_pipeline.collection.follow import refresh_followed


@dg.asset(
    group_name="collection",
    kinds={"python", "duckdb"},
    owners=["team:collect-pipeline"],
    tags={"source": "civitai"},
    metadata={"dagster/table_name": "model_versions"},
    code_version="1",
)
def model_versions(context: dg.AssetExecutionContext, collection: Collection) -> dg.MaterializeResult[None]:
    """The model versions that are followed, one row each.

    Follow a model with the job `follow_model` or the command `collect-pipeline follow`; this asset refreshes names,
    base models and dates.
    """
    with readable_failures(context):
        warehouse = collection.warehouse(context.log.info)
        with collection.client(context.log.info) as client:
            refreshed = refresh_followed(warehouse, client)
        for gone in refreshed.not_found:
            context.log.warning(f"{gone} is not shown by CivitAI any more; what was collected stays.")
        with warehouse.transaction() as connection:
            return dg.MaterializeResult(
                metadata={
                    "models refreshed": refreshed.models,
                    "versions not shown any more": len(refreshed.not_found),
                    "followed versions": table(connection, FOLLOWED_TABLE),
                    "dagster/row_count": count(connection, "SELECT count(*) FROM model_versions WHERE followed"),
                    "dagster/column_schema": column_schema(connection, "model_versions"),
                }
            )


FOLLOWED_TABLE = (
    "SELECT partition_key AS partition, model_name AS model, version_name AS version, base_model, "
    "published_at::DATE::VARCHAR AS published "
    "FROM model_versions WHERE followed ORDER BY model_name, published_at DESC LIMIT 100"
)


def followed_metadata(
    resolved: ResolvedModel, versions: int, followed: dg.TableMetadataValue
) -> dict[str, str | int | dg.TableMetadataValue | dg.UrlMetadataValue]:
    """What is shown of a model that was followed just now."""
    return {
        "model": resolved.model.name or "without a name",
        "creator": resolved.model.creator or "unknown",
        "page": dg.MetadataValue.url(f"https://civitai.com/models/{resolved.model.id}"),
        "versions of it": versions,
        "followed versions": followed,
    }
