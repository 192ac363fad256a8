"""The jobs that a person starts or a schedule asks for."""

from urllib.parse import urlsplit

import dagster as dg
from pydantic import Field

from collect_pipeline.assets.categorized_prompts import categorized_prompts
from collect_pipeline.assets.deduplicated_prompts import deduplicated_prompts
from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.followed import LOCATION, version_links
from collect_pipeline.assets.model_versions import followed_metadata, model_versions
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.raw_pages import raw_pages
from collect_pipeline.assets.resources import Collection, check_key, read_overview
from collect_pipeline.categories.matcher import categorize
from collect_pipeline.civitai.target import parse_target, resolve
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.due import plan, without
from collect_pipeline.collection.follow import follow, keys
from collect_pipeline.collection.rounds import Round, collect_round, finished_in
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.warehouse.connection import Warehouse

collect = dg.define_asset_job(
    "collect",
    selection=[raw_pages, deduplicated_prompts, categorized_prompts],
    description="Collects the images and prompts of a version, removes duplicates and sorts the prompts into "
    "categories. Press Materialize and choose versions; each gets a run of its own. A run goes on where the last one "
    "stopped, to the end of the gallery, and may be cancelled at any moment: nothing is skipped or stored twice.",
)

collect_only = dg.define_asset_job(
    "collect_only",
    selection=[raw_pages, deduplicated_prompts],
    description="Like collect, but leaves the new prompts without categories; the next collect catches up on them.",
)


class RoundConfig(dg.Config):
    """Which versions a round goes over."""

    partition_keys: list[str] = Field(
        default=[], description="The partitions to go on with. Empty: every followed version that is due."
    )
    everything: bool = Field(
        default=False, description="With no partitions given: also the versions that are not due yet."
    )


# A pool of its own: looks need not wait for the end of a long walk, with which they share the rate limit.
@dg.op(pool="civitai_looks", description="Goes on with each version in turn and stores what is new.")
def collect_followed_versions(context: dg.OpExecutionContext, config: RoundConfig, collection: Collection) -> None:
    """Collect many versions in one run, and materialize only the partitions that had news."""
    with readable_failures(context):
        settings, policy = collection.settings(), collection.policy()
        warehouse = collection.warehouse(context.log.info)
        level = settings.collect_browsing_level
        due = plan(warehouse, policy, utc_now(), level, config.everything)
        # A retry goes on with those that the first attempt did not get to.
        done_before = finished_in(warehouse, context.run.run_id) if context.retry_number else set()
        with collection.client(context.log.info) as client:
            check_key(settings, client, context.log.info)
            done = collect_round(
                warehouse,
                client,
                without(config.partition_keys or [*due.looks, *due.walks], done_before),
                policy,
                level,
                run_id=context.run.run_id,
                say=context.log.info,
            )
        context.log.info(
            f"Went over {len(done.finished)} versions: {len(done.with_news)} had news, {len(done.failed)} failed, "
            f"{len(done.busy)} were being collected by another run."
        )
        if done.with_news:
            _materialize(context, warehouse, done)
        if done.trouble is not None:
            raise done.trouble


def _materialize(context: dg.OpExecutionContext, warehouse: Warehouse, done: Round) -> None:
    """Deduplicate and categorize what is new, and show the partitions that had news."""
    with warehouse.transaction() as connection:
        prompts = deduplicate(connection)
    with warehouse.transaction() as connection:
        categories = categorize(connection)
    context.log.info(f"{prompts.prompts_new} new prompts, {categories.prompts} categorized.")
    for progress in done.with_news:
        counts = {
            "new": progress.new,
            "filled in": progress.filled_in,
            "collected": progress.collected,
            "images stored": progress.total_collected,
        }
        for asset in (raw_pages, deduplicated_prompts, categorized_prompts):
            context.log_event(dg.AssetMaterialization(asset.key, partition=progress.partition_key, metadata=counts))


# Bound here and not in the definitions, which would make a copy of every sensor of the job, with a warning each time.
RESOURCES = {"collection": Collection()}


@dg.job(
    name="collect_followed",
    resource_defs=RESOURCES,
    description="Looks at everything you follow in one run and shows only the versions that had news. You need not "
    "start it: the sensor follow_versions does so for versions that are complete, the schedule daily_collection for "
    "all.",
)
def collect_followed() -> None:
    """One step: a round over versions."""
    collect_followed_versions()


PASTE_HERE = "paste here"
"""Stands in the Launchpad, which is narrow. A person may write over it or behind it."""


class FollowConfig(dg.Config):
    """What to follow."""

    model: str = Field(
        default=PASTE_HERE,
        description="The address of a model's page on CivitAI, as your browser shows it. A model's id, an AIR or a "
        "download address will do as well; if a number could be a model or a version, write model:918273 or "
        "version:1027364. A model is followed with all its versions.",
    )

    def target(self) -> str:
        """What was put in, without the words that ask for it."""
        return self.model.replace(PASTE_HERE, "").strip()


@dg.op(description="Asks CivitAI for the model and makes each version a partition to collect.")
def follow_versions_of_model(context: dg.OpExecutionContext, config: FollowConfig, collection: Collection) -> None:
    """Resolve what was given, register its versions, add their partitions, and show them as a table."""
    with readable_failures(context):
        settings = collection.settings()
        warehouse = collection.warehouse(context.log.info)
        with collection.client(context.log.info) as client:
            resolved = resolve(parse_target(config.target(), urlsplit(settings.civitai_base_url).netloc), client)
        rows, added = follow(warehouse, resolved, settings.civitai_base_url)
        context.instance.add_dynamic_partitions(str(model_version_partitions.name), keys(rows))
        context.log.info(
            f"Following {len(rows)} versions of {resolved.model.name} "
            f"by {resolved.model.creator or 'an unnamed creator'}, {added} of them new."
        )
        statuses = read_overview(settings, warehouse)
        context.log_event(
            dg.AssetMaterialization(model_versions.key, metadata=followed_metadata(resolved, rows, statuses))
        )
        context.add_output_metadata(
            {
                "to collect one version, choose it here": version_links(rows),
                "to collect several, press Materialize here": dg.MetadataValue.job(
                    collect.name, location_name=LOCATION
                ),
            }
        )


@dg.job(
    name="follow_model",
    resource_defs=RESOURCES,
    description="Start here: open the Launchpad, paste the address of a model's page on CivitAI behind `model:`, press "
    "Launch Run. Each version of the model becomes a partition, named model id @ version id, that you can collect.",
)
def follow_model() -> None:
    """One step: resolve, register, add partitions."""
    follow_versions_of_model()
