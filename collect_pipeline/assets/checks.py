"""What must hold in the warehouse after each stage. The keyless tables rely on it being looked at."""

import dagster as dg

from collect_pipeline.assets.categorized_prompts import categorized_prompts
from collect_pipeline.assets.deduplicated_prompts import deduplicated_prompts
from collect_pipeline.assets.raw_pages import raw_pages
from collect_pipeline.assets.resources import Collection
from collect_pipeline.assets.tables import count
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.progress import read_walk
from collect_pipeline.collection.walk import Phase
from collect_pipeline.warehouse.state import read_state


@dg.asset_check(asset=raw_pages, blocking=True, description="No image is stored twice, and none for no page.")
def every_image_is_stored_once(context: dg.AssetCheckExecutionContext, collection: Collection) -> dg.AssetCheckResult:
    """Images and their versions are kept unique by the statements that store them."""
    with collection.warehouse(context.log.info).transaction() as connection:
        twice = count(connection, "SELECT count(*) - count(DISTINCT image_id) FROM images")
        linked_twice = count(
            connection, "SELECT count(*) - count(DISTINCT (image_id, model_version_id)) FROM image_versions"
        )
    return dg.AssetCheckResult(
        passed=twice == 0 and linked_twice == 0,
        metadata={"images stored twice": twice, "links stored twice": linked_twice},
    )


@dg.asset_check(asset=raw_pages, description="The state counts exactly the images stored for the version.")
def state_counts_what_is_stored(context: dg.AssetCheckExecutionContext, collection: Collection) -> dg.AssetCheckResult:
    """`total_collected` equals the images stored for the version."""
    key = VersionKey.parse(context.partition_key)
    with collection.warehouse(context.log.info).transaction() as connection:
        state = read_state(connection, str(key))
        stored = count(connection, "SELECT count(*) FROM image_versions WHERE model_version_id = ?", [key.version_id])
    counted = state.total_collected if state else 0
    return dg.AssetCheckResult(
        passed=counted == stored, metadata={"version": str(key), "counted": counted, "stored": stored}
    )


@dg.asset_check(asset=raw_pages, description="The source behaved: no loop, no endless list, no ignored filter.")
def walk_can_be_trusted(context: dg.AssetCheckExecutionContext, collection: Collection) -> dg.AssetCheckResult:
    """The walk over the version's gallery was not given up as suspect."""
    with collection.warehouse(context.log.info).transaction() as connection:
        state = read_state(connection, context.partition_key)
    walk = read_walk(state) if state else None
    suspect = walk is not None and walk.phase is Phase.SUSPECT
    return dg.AssetCheckResult(
        passed=not suspect,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"version": context.partition_key, "reason": (walk.reason if walk else None) or "nothing is wrong"},
    )


@dg.asset_check(asset=deduplicated_prompts, blocking=True, description="No prompt is kept twice.")
def prompts_are_distinct(context: dg.AssetCheckExecutionContext, collection: Collection) -> dg.AssetCheckResult:
    """Prompts are one row each, and every image with a prompt points to one."""
    with collection.warehouse(context.log.info).transaction() as connection:
        twice = count(connection, "SELECT count(*) - count(DISTINCT prompt_id) FROM prompts")
        lost = count(
            connection, "SELECT count(*) FROM images ANTI JOIN prompts USING (prompt_id) WHERE prompt IS NOT NULL"
        )
    return dg.AssetCheckResult(
        passed=twice == 0 and lost == 0, metadata={"prompts kept twice": twice, "images without their prompt": lost}
    )


@dg.asset_check(asset=categorized_prompts, description="Every prompt has exactly one primary category.")
def every_prompt_has_one_primary_category(
    context: dg.AssetCheckExecutionContext, collection: Collection
) -> dg.AssetCheckResult:
    """A prompt in which nothing is recognised is uncategorized, which is its primary category then."""
    with collection.warehouse(context.log.info).transaction() as connection:
        wrong = count(
            connection,
            "SELECT count(*) FROM prompts WHERE prompt_id NOT IN "
            "(SELECT prompt_id FROM prompt_categories GROUP BY prompt_id HAVING count(*) FILTER (is_primary) = 1)",
        )
    return dg.AssetCheckResult(passed=wrong == 0, metadata={"prompts with another number of primaries": wrong})


ALL_CHECKS = [
    every_image_is_stored_once,
    state_counts_what_is_stored,
    walk_can_be_trusted,
    prompts_are_distinct,
    every_prompt_has_one_primary_category,
]
