"""The asset `deduplicated_prompts`: one row for every distinct prompt."""

import dagster as dg

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.raw_pages import raw_pages
from collect_pipeline.assets.resources import Collection
from collect_pipeline.assets.tables import column_schema, count, prompts_of_version, table
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.prompts.deduplicate import deduplicate


@dg.asset(
    partitions_def=model_version_partitions,
    deps=[raw_pages],
    group_name="prompts",
    kinds={"sql", "duckdb"},
    owners=["team:collect-pipeline"],
    metadata={"dagster/table_name": "prompts"},
    code_version="1",
)
def deduplicated_prompts(context: dg.AssetExecutionContext, collection: Collection) -> dg.MaterializeResult[None]:
    """Distinct prompts of all collected images, with near-duplicates grouped into clusters.

    One row is one prompt by its normalized text: case, white space, weights, bracket emphasis and LoRA tags do not
    make another prompt. Only images that no earlier run looked at are read.
    """
    with readable_failures(context):
        version_id = VersionKey.parse(context.partition_key).version_id
        with collection.warehouse(context.log.info).transaction() as connection:
            counts = deduplicate(connection)
            context.log.info(
                f"{counts.images_read} images looked at: {counts.prompts_new} new prompts, "
                f"{counts.prompts_touched - counts.prompts_new} known ones used again."
            )
            prompts_of_version(connection, version_id)
            return dg.MaterializeResult(
                metadata={
                    "images looked at": counts.images_read,
                    "new prompts": counts.prompts_new,
                    "prompts in the warehouse": count(connection, "SELECT count(*) FROM prompts"),
                    "near-duplicate clusters": count(connection, "SELECT count(DISTINCT cluster_id) FROM prompts"),
                    "most used prompts": table(
                        connection,
                        "SELECT image_count AS images, left(prompt, 200) AS prompt, round(quality_score, 2) AS quality "
                        "FROM prompts SEMI JOIN prompts_of_version USING (prompt_id) "
                        "ORDER BY image_count DESC, prompt_id LIMIT 10",
                    ),
                    "dagster/partition_row_count": count(connection, "SELECT count(*) FROM prompts_of_version"),
                    "dagster/column_schema": column_schema(connection, "prompts"),
                }
            )
