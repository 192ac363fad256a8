"""Everything that Dagster sees, composed here and nowhere else."""

import dagster as dg

from collect_pipeline.assets.categorized_prompts import categorized_prompts
from collect_pipeline.assets.checks import ALL_CHECKS
from collect_pipeline.assets.deduplicated_prompts import deduplicated_prompts
from collect_pipeline.assets.model_versions import model_versions
from collect_pipeline.assets.prompt_dataset import prompt_dataset
from collect_pipeline.assets.prompt_report import prompt_report
from collect_pipeline.assets.raw_pages import raw_pages
from collect_pipeline.assets.resources import Collection
from collect_pipeline.automation.dead_runs import end_killed_runs
from collect_pipeline.automation.import_legacy import import_legacy
from collect_pipeline.automation.jobs import collect, collect_followed, collect_only, follow_model
from collect_pipeline.automation.notifications import report_failed_runs
from collect_pipeline.automation.recategorize import recategorize
from collect_pipeline.automation.schedules import daily_collection
from collect_pipeline.automation.sensors import follow_versions

defs = dg.Definitions(
    assets=[model_versions, raw_pages, deduplicated_prompts, categorized_prompts, prompt_report, prompt_dataset],
    asset_checks=ALL_CHECKS,
    jobs=[collect, collect_only, follow_model, collect_followed, recategorize, import_legacy],
    schedules=[daily_collection],
    sensors=[follow_versions, end_killed_runs, report_failed_runs],
    resources={"collection": Collection()},
    # Stages of one partition share nothing worth a process each; other partitions are other processes already.
    executor=dg.in_process_executor,
)
