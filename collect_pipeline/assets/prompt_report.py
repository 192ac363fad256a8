"""The asset `prompt_report`: what was collected, as charts and tables to look at."""

import dagster as dg
from pydantic import Field

from collect_pipeline.assets.categorized_prompts import categorized_prompts
from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.resources import Collection
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.report import FILE_NAME, Exhibit, Report, Table, build_report, write_page

MOST_ROWS = 15
"""Of a table in the metadata; the page has all rows."""

MOST_TABLES = 3
"""Of an exhibit in the metadata; the page has all tables."""


class ReportConfig(dg.Config):
    """What the report may show."""

    show_mature: bool = Field(
        default=False,
        description="Show mature wording. Without it, phrases of category nsfw are masked (n••e), prompts that are "
        "mature or explicit are not shown, and mature words in the names of models and LoRAs are masked.",
    )


@dg.asset(
    deps=[dg.AssetDep(categorized_prompts, partition_mapping=dg.AllPartitionMapping())],
    group_name="outputs",
    kinds={"html", "matplotlib"},
    owners=["team:collect-pipeline"],
    code_version="1",
)
def prompt_report(
    context: dg.AssetExecutionContext, config: ReportConfig, collection: Collection
) -> dg.MaterializeResult[None]:
    """What was collected, to look at: over time, by category, phrase, length, LoRA, checkpoint, cluster and nsfw level.

    About all versions together and about the largest ones by themselves. The charts stand here in the metadata; the
    file `prompt_report.html` in the export folder has all of them with their numbers as tables, and needs nothing but
    a browser. Reads a copy of the database, so nothing has to wait for it.
    """
    with readable_failures(context):
        settings = collection.settings()
        report = build_report(collection.warehouse(context.log.info), utc_now(), show_mature=config.show_mature)
        file = settings.collect_export_dir / FILE_NAME
        write_page(report, file)
        totals = report.main.totals
        context.log.info(
            f"The report on {totals.images} images and {totals.prompts} distinct prompts is in {file}; "
            "open it with a browser."
        )
        return dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.path(file),
                "charts": dg.MetadataValue.md(_markdown(report)),
                **_numbers(report),
                **_tables(report),
            }
        )


def _numbers(report: Report) -> dict[str, int]:
    """Plain numbers, which the tab Plots shows from one report to the next."""
    totals = report.main.totals
    return {
        "images": totals.images,
        "images with a prompt": totals.with_prompt,
        "distinct prompts": totals.prompts,
        "clusters of near-duplicates": totals.clusters,
        "versions": len(report.versions.rows) if report.versions else 1,
    }


def _tables(report: Report) -> dict[str, dg.TableMetadataValue]:
    """The numbers in the charts; of an exhibit with many tables only what stands first in each."""
    tables: dict[str, dg.TableMetadataValue] = {}
    for exhibit in report.main.exhibits:
        if len(exhibit.panels) > MOST_TABLES:
            tables[exhibit.title] = _table(_firsts(exhibit))
        else:
            tables |= {table.caption: _table(table) for _, table in exhibit.panels}
    if report.versions and report.versions.rows:
        tables[report.versions.caption] = _table(report.versions)
    return tables


def _firsts(exhibit: Exhibit) -> Table:
    rows = tuple((table.caption, ", ".join(str(row[0]) for row in table.rows[:5])) for _, table in exhibit.panels)
    return Table(exhibit.title, ("table", "first five"), rows)


def _markdown(report: Report) -> str:
    """All charts under their headings; exhibits without one only where they say why."""
    parts = []
    for exhibit in report.main.exhibits:
        charts = [chart for chart, _ in exhibit.panels if chart]
        if charts or not exhibit.panels:
            parts += [f"## {exhibit.title}", exhibit.note]
            parts += [f"![{chart.title}]({chart.drawing.data_uri()})" for chart in charts]
    return "\n\n".join(parts)


def _table(table: Table) -> dg.TableMetadataValue:
    columns = [
        dg.TableColumn(name, "string" if any(isinstance(row[place], str) for row in table.rows) else "number")
        for place, name in enumerate(table.columns)
    ]
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows[:MOST_ROWS]]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows], dg.TableSchema(columns))
