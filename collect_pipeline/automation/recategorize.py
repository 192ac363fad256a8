"""The job `recategorize`: what a changed taxonomy touches, and nothing else."""

import dagster as dg

from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.resources import Collection
from collect_pipeline.categories.matcher import categorize


@dg.op(description="Compares the taxonomy with the one used before and works out what it changes.")
def recategorize_prompts(context: dg.OpExecutionContext, collection: Collection) -> None:
    """Categorize prompts that are new or hold a phrase that was added, dropped or moved."""
    with readable_failures(context), collection.warehouse(context.log.info).transaction() as connection:
        counts = categorize(connection)
        context.log.info(
            f"Taxonomy {counts.taxonomy_version}: {counts.segments} pieces and {counts.prompts} prompts worked out "
            f"anew, {counts.uncategorized} of them without a known phrase."
        )


@dg.job(
    name="recategorize",
    description="Run it after the taxonomy has changed: exactly the prompts that the change touches are categorized "
    "anew. Asks CivitAI nothing.",
    resource_defs={"collection": Collection()},
)
def recategorize() -> None:
    """One step over the whole warehouse."""
    recategorize_prompts()
