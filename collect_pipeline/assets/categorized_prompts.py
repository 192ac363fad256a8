"""The asset `categorized_prompts`: every category of every prompt, with the phrases that say so."""

import dagster as dg

from collect_pipeline.assets.deduplicated_prompts import deduplicated_prompts
from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import Collection
from collect_pipeline.assets.tables import column_schema, count, prompts_of_version, table
from collect_pipeline.categories.matcher import categorize
from collect_pipeline.collection.partition import VersionKey


@dg.asset(
    partitions_def=model_version_partitions,
    deps=[deduplicated_prompts],
    group_name="prompts",
    kinds={"sql", "duckdb"},
    owners=["team:collect-pipeline"],
    metadata={"dagster/table_name": "prompt_categories"},
    code_version="1",
)
def categorized_prompts(context: dg.AssetExecutionContext, collection: Collection) -> dg.MaterializeResult[None]:
    """The categories of each distinct prompt: style, lighting, subject and ten more.

    One row is one prompt in one category, with the phrases found, a confidence from 0 to 1, and exactly one primary
    category a prompt. Only prompts that are new, or that a changed taxonomy touches, are looked at.
    """
    with readable_failures(context):
        version_id = VersionKey.parse(context.partition_key).version_id
        with collection.warehouse(context.log.info).transaction() as connection:
            counts = categorize(connection)
            context.log.info(
                f"{counts.prompts} prompts categorized by taxonomy {counts.taxonomy_version}, "
                f"{counts.uncategorized} of them without a known phrase."
            )
            prompts_of_version(connection, version_id)
            return dg.MaterializeResult(
                metadata={
                    "prompts categorized": counts.prompts,
                    "of them uncategorized": counts.uncategorized,
                    "taxonomy version": counts.taxonomy_version,
                    "categories": table(
                        connection,
                        "SELECT category, count(*) AS prompts, count(*) FILTER (is_primary) AS primary_in, "
                        "round(avg(confidence), 2) AS confidence "
                        "FROM prompt_categories SEMI JOIN prompts_of_version USING (prompt_id) "
                        "GROUP BY category ORDER BY prompts DESC, category",
                    ),
                    "examples": table(
                        connection,
                        "SELECT left(prompt, 120) AS prompt, "
                        "string_agg(category, ', ' ORDER BY is_primary DESC, category) AS categories "
                        "FROM prompt_categories JOIN prompts USING (prompt_id) "
                        "SEMI JOIN prompts_of_version USING (prompt_id) "
                        "GROUP BY prompt_id, prompt ORDER BY prompt_id LIMIT 10",
                    ),
                    "not recognised, by how many prompts say it": table(
                        connection,
                        "SELECT segment, prompt_count AS prompts FROM unrecognised_segments "
                        "WHERE prompt_count > 1 ORDER BY prompt_count DESC, segment LIMIT 10",
                    ),
                    "dagster/partition_row_count": count(
                        connection,
                        "SELECT count(*) FROM prompt_categories SEMI JOIN prompts_of_version USING (prompt_id)",
                    ),
                    "dagster/column_schema": column_schema(connection, "prompt_categories"),
                }
            )
