"""The report as one HTML file that asks for nothing else: no script, no font, no picture, no address outside."""

import os
from contextlib import suppress
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from collect_pipeline.report.build import MOST_DETAILED_VERSIONS, Report
from collect_pipeline.report.errors import UnwritableReportError
from collect_pipeline.report.exhibits import Cell
from collect_pipeline.report.svg import DARK, LIGHT

FILE_NAME = "prompt_report.html"

LONG_TABLE = 20
"""Tables of more rows are folded up."""


def render_page(report: Report) -> str:
    """The whole page as text; the same report gives the same text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["cell"] = _cell
    template = environment.from_string(_template("page.html"))
    return template.render(
        report=report,
        style=_template("page.css"),
        light=LIGHT,
        dark=DARK,
        long_table=LONG_TABLE,
        most_detailed=MOST_DETAILED_VERSIONS,
    )


def write_page(report: Report, file: Path) -> None:
    """Write the page in one step: whoever reads the file sees the old one or the new one, never half of one.

    Raises:
        UnwritableReportError: the folder cannot be made or the file cannot be written.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(render_page(report), encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise UnwritableReportError(
            f"the report {file} cannot be written ({error.strerror or error}); make room or choose another place."
        ) from error


def _template(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
