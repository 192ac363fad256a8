"""Writing the dataset: both tables, in one format, with a card that says what they are.

Everything is read from one snapshot of the warehouse, so that both tables and the card show the same moment and nobody
who collects has to wait.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from collect_pipeline.dataset.card import card
from collect_pipeline.dataset.errors import ExportError
from collect_pipeline.dataset.facts import read_facts
from collect_pipeline.dataset.folder import Publication, publish
from collect_pipeline.dataset.formats import Format, write
from collect_pipeline.dataset.tables import TABLES, Column, columns
from collect_pipeline.warehouse.connection import Connection, Warehouse

CARD = "README.md"


@dataclass(frozen=True)
class Export:
    """A dataset that was written. `link` always names the newest of its format, `folder` this very one.

    `rows` and `columns` are by table; `bytes` is the size of all files.
    """

    folder: Path
    link: Path
    rows: dict[str, int]
    columns: dict[str, list[Column]]
    files: int
    bytes: int
    card: str


def export(warehouse: Warehouse, place: Path, file_format: Format, say: Callable[[str], None]) -> Export:
    """Write the dataset to `place`/`file_format`; `say` is told what is done.

    Raises:
        ExportError: there is nothing to export, or `place` cannot be written.
        WarehouseError: the warehouse cannot be read.
    """
    with warehouse.snapshot() as connection:
        facts = read_facts(connection)
        if facts.images == 0:
            raise ExportError("there is nothing to export yet; collect first, with `collect-pipeline run`.")
        if facts.prompts == 0:
            raise ExportError("no prompt is deduplicated yet; run the job collect, then export again.")
        with publish(place, file_format.value) as publication:
            try:
                described, rows = _write_tables(connection, file_format, publication, say)
            except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
                raise ExportError(
                    f"the dataset cannot be written to {place} ({str(error).splitlines()[0].rstrip('. ')}); "
                    "make room or choose another folder. An earlier export is as it was."
                ) from error
            text = card(facts, file_format, described, rows, publication.stamp)
            (publication.partial / CARD).write_text(text, encoding="utf-8")
            files = [path for path in publication.partial.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files)
    return Export(publication.folder, publication.link, rows, described, len(files), size, text)


def _write_tables(
    connection: Connection, file_format: Format, to: Publication, say: Callable[[str], None]
) -> tuple[dict[str, list[Column]], dict[str, int]]:
    described = {table.name: columns(connection, table) for table in TABLES}
    rows = {}
    for table in TABLES:
        rows[table.name] = write(
            connection, table, described[table.name], file_format, to.partial / table.name, to.stamp
        )
        say(f"{rows[table.name]} {table.name} written as {file_format}.")
    return described, rows
