"""An import as a test writes it down, and everything that a warehouse holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from collect_pipeline.legacy.importing import import_legacy
from collect_pipeline.legacy.report import Report, TableReport
from collect_pipeline.warehouse.connection import Warehouse

NOW = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the warehouse keeps UTC without a zone


@dataclass
class Importer:
    """Imports files into one warehouse."""

    warehouse: Warehouse

    def run(self, path: Path, level: int = 1, say: Callable[[str], None] = lambda _: None) -> Report:
        """One import; the time is always the same."""
        return import_legacy(self.warehouse, path, level, say=say, clock=lambda: NOW)

    def run_beside_sandbox(self, path: Path) -> Report:
        """One import where the sandbox of the test stands for the source itself."""
        self._forget_origin()
        report = self.run(path)
        self._forget_origin()
        return report

    def _forget_origin(self) -> None:
        with self.warehouse.transaction() as connection:
            connection.execute("DELETE FROM source_origin")

    def query(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of the warehouse."""
        with self.warehouse.transaction() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables."""
        with self.warehouse.transaction() as connection:
            tables = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY 1"
            ).fetchall()
            return {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for (name,) in tables}


def table(report: Report, name: str) -> TableReport:
    """What the report says of one old table."""
    [found] = [each for each in report.tables if each.table == name]
    return found


@pytest.fixture
def importer(warehouse: Warehouse) -> Importer:
    """Imports into a new warehouse."""
    return Importer(warehouse)
