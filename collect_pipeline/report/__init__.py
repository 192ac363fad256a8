"""The report: counts of the warehouse as charts and tables, on one page. Knows nothing of Dagster or commands."""

from collect_pipeline.report.build import Report, Section, build_report
from collect_pipeline.report.errors import ReportError, UnknownVersionError, UnwritableReportError
from collect_pipeline.report.exhibits import Chart, Exhibit, Table
from collect_pipeline.report.page import FILE_NAME, render_page, write_page

__all__ = [
    "FILE_NAME",
    "Chart",
    "Exhibit",
    "Report",
    "ReportError",
    "Section",
    "Table",
    "UnknownVersionError",
    "UnwritableReportError",
    "build_report",
    "render_page",
    "write_page",
]
