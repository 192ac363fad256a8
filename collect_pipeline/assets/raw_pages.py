"""The asset `raw_pages`: one run goes on with the collection of one version."""

import logging
from typing import Literal

import dagster as dg
from pydantic import Field

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.followed import version_page
from collect_pipeline.assets.model_versions import model_versions
from collect_pipeline.assets.pace import Pace
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import Collection, check_key
from collect_pipeline.assets.tables import column_schema, count, table
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.failures import failures_recorded
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import OLDEST
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import read_versions

PROGRESS_LOGGER = logging.getLogger("collect_pipeline.progress")
"""A record's attribute `progress` is the `Progress` that it tells of, or None; a command that runs the asset can show
it."""


RETRY_NUMBER_TAG = "dagster/retry_number"
"""Carried by runs that Dagster itself started in place of one that lost its process."""


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
        "Empty: the setting COLLECT_BROWSING_LEVEL, at which continuous collection goes on in any case.",
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
    """The gallery of a version, page by page as CivitAI sent it, with the images read from it. One row is one page.

    Each version of a model that you follow is a *partition*, named model id @ version id. Materializing it means *go
    on*: what is stored says where the last run stopped. Pages and that place are stored together, so a run may be
    cancelled or killed at any moment and the next one neither skips nor repeats anything. While it runs, its log says
    after every few pages how far it is.
    """
    with readable_failures(context):
        key = VersionKey.parse(context.partition_key)
        settings = collection.settings()
        warehouse = collection.warehouse(context.log.info)
        level = config.browsing_level or settings.collect_browsing_level
        with (
            collection.client(lambda sentence: _say(context, sentence)) as client,
            failures_recorded(warehouse, key, level),
        ):
            check_key(settings, client, context.log.info)
            ensure_followed(warehouse, client, key)
            _introduce(context, warehouse, key)
            options = CollectOptions(
                browsing_level=level,
                max_items=config.max_items,
                start_offset=config.start_offset,
                start_cursor=config.start_cursor,
                restart=config.restart,
                auto_advance_on_empty=config.auto_advance_on_empty,
                sort=config.sort,
            )
            pace = Pace(config.max_items)
            done = Collector(
                warehouse,
                client,
                key,
                options,
                collection.policy(),
                run_id=context.run.run_id,
                retry_of=context.run.parent_run_id if RETRY_NUMBER_TAG in context.run.tags else None,
                on_progress=lambda progress: _say(context, pace.sentence(progress), progress),
            ).run()
        return dg.MaterializeResult(metadata=_metadata(warehouse, key, done, options.browsing_level, pace))


def _introduce(context: dg.AssetExecutionContext, warehouse: Warehouse, key: VersionKey) -> None:
    """Say in the log and in the run's tags, which lists of runs show, what the ids stand for."""
    with warehouse.transaction() as connection:
        versions = read_versions(connection, followed_only=False)
    [version] = [version for version in versions if version.partition_key == str(key)]
    names = {"model": version.model_name or str(key.model_id), "version": version.version_name or str(key.version_id)}
    context.instance.add_run_tags(context.run.run_id, names)
    context.log.info(f"Collecting {names['model']}, version {names['version']}: {version_page(str(key))}")


def _say(context: dg.AssetExecutionContext, sentence: str, progress: Progress | None = None) -> None:
    """Say something in the run's log, and to a person who waits at a terminal."""
    context.log.info(sentence)
    PROGRESS_LOGGER.info(sentence, extra={"progress": progress})


def _metadata(
    warehouse: Warehouse, key: VersionKey, done: Progress, browsing_level: int, pace: Pace
) -> dict[str, str | int | float | dg.TableMetadataValue | dg.TableSchema | dg.UrlMetadataValue]:
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
        "version on CivitAI": dg.MetadataValue.url(version_page(str(key))),
        "phase": done.phase,
        "next cursor": done.next_cursor or "end",
        "collected": done.collected,
        "valid": done.valid,
        "new": done.new,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "prompts filled in or changed": done.filled_in,
        "pages fetched": done.pages,
        "images stored": done.total_collected,
        "seconds": round(pace.seconds(), 1),
        "images per second": round(pace.images_per_second(done.collected), 1),
        "browsing level": browsing_level,
        "what is wrong": done.reason or "nothing",
        "latest images": preview,
        "dagster/partition_row_count": pages_stored,
        "dagster/column_schema": schema,
    }
