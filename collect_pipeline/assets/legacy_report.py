"""The report of an import of the old tool's database as Dagster metadata."""

import dagster as dg

from collect_pipeline.assets.followed import MetadataEntry, versions_table
from collect_pipeline.legacy.report import Report
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import read_versions


def import_metadata(report: Report, warehouse: Warehouse) -> dict[str, MetadataEntry]:
    """What came over for each old table, what was odd, what was left, and what is followed now."""
    records = [
        dg.TableRecord(
            {
                "table": each.table,
                "in the file": "yes" if each.in_file else "no",
                "rows": each.rows,
                "came over": each.came_over,
                "already there": each.already_there,
                "left": each.left,
                "odd": each.odd,
            }
        )
        for each in report.tables
    ]
    remarks = [
        dg.TableRecord({"table": each.table, "what": what, "remark": reason, "rows": count})
        for each in report.tables
        for what, reason, count in each.reasons()
    ]
    with warehouse.transaction() as connection:
        followed = read_versions(connection)
    return {
        "file": report.file,
        "what came over": dg.MetadataValue.table(records),
        "what was odd or left": dg.MetadataValue.table(remarks, schema=_REMARKS),
        "new prompts": report.prompts_new,
        "prompts categorized": report.prompts_categorized,
        "versions of the file that are followed": len(report.followed),
        "further versions named": report.versions_named,
        "followed versions": versions_table(followed),
    }


_REMARKS = dg.TableSchema(
    [
        dg.TableColumn("table", "string"),
        dg.TableColumn("what", "string"),
        dg.TableColumn("remark", "string"),
        dg.TableColumn("rows", "number"),
    ]
)
