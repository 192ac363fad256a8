"""The asset `raw_pages`: one run goes on with the collection of one version."""

import logging
from typing import Literal

import dagster as dg
from pydantic import Field

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.model_versions import model_versions
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import Collection
from collect_pipeline.assets.tables import column_schema, count, table
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import OLDEST
from collect_pipeline.warehouse.connection import Warehouse

PROGRESS_LOGGER = logging.getLogger("collect_pipeline.progress")
"""Every record carries the `Progress` as its attribute `progress`; a command that runs the asset can show it."""


class CollectConfig(dg.Config):
    """What a person may ask of one run. Left as it is, the run goes on where the last one stopped, to the end."""

    max_items: int | None = Field(
        default=None, ge=1, description="Stop after exactly this many images were received. Empty: go on to the end."
    )
    start_offset: int | None = Field(
        default=None,
        ge=0,
        description="Start this many images into the list. The API cannot jump, so they are walked over unless an "
        "earlier run left a cursor nearby. Begins a new walk.",
    )
    start_cursor: str | None = Field(
        default=None, min_length=1, description="Start at this cursor, exactly as CivitAI gave it. Begins a new walk."
    )
    restart: bool = Field(
        default=False, description="Begin again at the first page. Nothing stored is deleted or stored twice."
    )
    auto_advance_on_empty: bool = Field(
        default=False,
        description="Without it, a limited run in which every image was known already leaves the cursor where it "
        "began; with it, the cursor moves on.",
    )
    sort: Literal["Oldest", "Newest"] = Field(
        default=OLDEST, description="Order of the walk. Oldest loses least; leave it unless you know why."
    )
    browsing_level: int | None = Field(
        default=None,
        ge=1,
        le=31,
        description="Maturity levels to collect, added up: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX. "
        "Empty: the setting COLLECT_BROWSING_LEVEL.",
    )


@dg.asset(
    partitions_def=model_version_partitions,
    deps=[model_versions],
    group_name="collection",
    kinds={"python", "duckdb"},
    owners=["team:collect-pipeline"],
    tags={"source": "civitai"},
    pool="civitai",
    metadata={"dagster/table_name": "raw_pages"},
    code_version="1",
)
def raw_pages(
    context: dg.AssetExecutionContext, config: CollectConfig, collection: Collection
) -> dg.MaterializeResult[None]:
    """Pages of a version's gallery as CivitAI sent them, with the images read from them.

    One row is one page. Materializing a partition means *go on*: the cursor kept beside the data says where the last
    run stopped. Pages and the cursor after them are committed together, so a run may be cancelled or killed at any
    moment and the next one neither skips nor repeats anything.
    """
    with readable_failures(context):
        key = VersionKey.parse(context.partition_key)
        settings = collection.settings()
        warehouse = collection.warehouse(context.log.info)
        with collection.client(context.log.info) as client:
            if settings.civitai_api_key is not None:
                context.log.info(f"The API key belongs to {client.me()}.")
            ensure_followed(warehouse, client, key)
            options = CollectOptions(
                browsing_level=config.browsing_level or settings.collect_browsing_level,
                max_items=config.max_items,
                start_offset=config.start_offset,
                start_cursor=config.start_cursor,
                restart=config.restart,
                auto_advance_on_empty=config.auto_advance_on_empty,
                sort=config.sort,
            )
            done = Collector(
                warehouse,
                client,
                key,
                options,
                collection.policy(),
                run_id=context.run.run_id,
                on_progress=lambda progress: _report(context, progress),
            ).run()
        return dg.MaterializeResult(metadata=_metadata(warehouse, key, done, options.browsing_level))


def _report(context: dg.AssetExecutionContext, progress: Progress) -> None:
    sentence = (
        f"Page {progress.pages}: {progress.collected} images received, {progress.new} new, "
        f"{progress.total_collected} stored for {progress.partition_key}."
    )
    context.log.info(sentence)
    PROGRESS_LOGGER.info(sentence, extra={"progress": progress})


def _metadata(
    warehouse: Warehouse, key: VersionKey, done: Progress, browsing_level: int
) -> dict[str, str | int | dg.TableMetadataValue | dg.TableSchema]:
    with warehouse.transaction() as connection:
        preview = table(
            connection,
            "SELECT 'https://civitai.com/images/' || image_id AS image, left(prompt, 160) AS prompt, "
            "base_model, reaction_count AS reactions, created_at::VARCHAR AS published "
            "FROM images JOIN image_versions USING (image_id) WHERE model_version_id = ? AND prompt IS NOT NULL "
            "ORDER BY first_collected_at DESC, image_id DESC LIMIT 10",
            [key.version_id],
        )
        schema = column_schema(connection, "raw_pages")
        pages_stored = count(connection, "SELECT count(*) FROM raw_pages WHERE partition_key = ?", [str(key)])
    return {
        "phase": done.phase,
        "next cursor": done.next_cursor or "end",
        "collected": done.collected,
        "valid": done.valid,
        "new": done.new,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "prompts filled in later": done.filled_in,
        "pages fetched": done.pages,
        "images stored": done.total_collected,
        "browsing level": browsing_level,
        "what is wrong": done.reason or "nothing",
        "latest images": preview,
        "dagster/partition_row_count": pages_stored,
        "dagster/column_schema": schema,
    }
