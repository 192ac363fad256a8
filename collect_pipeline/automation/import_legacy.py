"""The job `import_legacy`: the database of the tool that this project replaces, taken over."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.legacy_report import import_metadata
from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import Collection
from collect_pipeline.legacy.importing import import_legacy as take_over
from collect_pipeline.settings import PROJECT_ROOT


class ImportConfig(dg.Config):
    """What to take over."""

    file: str = Field(
        default="put the path of the old database here",
        description="The path of the old tool's SQLite file, such as /home/me/old-tool/data/civitai_dataset.db. A "
        "relative path starts at the project's folder. The file is only read.",
    )


@dg.op(description="Reads the old tables, stores what they hold, and follows the old versions.")
def import_legacy_file(context: dg.OpExecutionContext, config: ImportConfig, collection: Collection) -> None:
    """Take over the file, make partitions of the versions that the old tool collected, and show the report."""
    with readable_failures(context):
        warehouse = collection.warehouse(context.log.info)
        report = take_over(
            warehouse,
            PROJECT_ROOT / Path(config.file).expanduser(),
            collection.settings().collect_browsing_level,
            run_id=context.run.run_id,
            say=context.log.info,
        )
        context.instance.add_dynamic_partitions(str(model_version_partitions.name), list(report.followed))
        context.log_event(dg.AssetMaterialization("model_versions", metadata=import_metadata(report, warehouse)))


@dg.job(
    name="import_legacy",
    resource_defs={"collection": Collection()},
    description="Take over what the tool before this one collected: put in the path of its database. Running it twice "
    "changes nothing.",
)
def import_legacy() -> None:
    """One step: read, store, follow, deduplicate, categorize."""
    import_legacy_file()
