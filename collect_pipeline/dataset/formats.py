"""How a table becomes files: Parquet, CSV or JSON Lines, one folder a version.

Lists and structures are such in Parquet and JSON Lines, and JSON text in CSV, as are texts of digits. Times are UTC:
typed in Parquet, ISO 8601 with a Z elsewhere.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from collect_pipeline.dataset.tables import NUMERALS, PARTITION, Column, Table
from collect_pipeline.warehouse.connection import Connection


class Format(StrEnum):
    """A file format; the value is the ending of the files, too."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


_OPTIONS = {
    Format.PARQUET: "FORMAT parquet, COMPRESSION zstd",
    Format.CSV: "FORMAT csv, HEADER",
    Format.JSONL: "FORMAT json",
}
_TIME = "TIMESTAMP WITH TIME ZONE"
_ISO = "strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ')"


def write(
    connection: Connection, table: Table, columns: Sequence[Column], file_format: Format, folder: Path, stamp: str
) -> int:
    """Write all rows of a table to `folder`/model_version_id=…/ and return how many there were.

    The files carry `stamp` in their names: a reader who lists files just before another export is shown finds none of
    that name afterwards, rather than another file.
    """
    names = ", ".join([*(_written(column, file_format) for column in columns), PARTITION])
    written = connection.execute(
        f"COPY (SELECT {names} FROM ({table.query})) TO $folder "  # noqa: S608 - names from our own query
        f"({_OPTIONS[file_format]}, PARTITION_BY ({PARTITION}), FILENAME_PATTERN '{stamp}-{{i}}', "
        f"FILE_EXTENSION '{file_format}')",
        {"folder": str(folder)},
    ).fetchone()
    return int(written[0]) if written else 0


def type_in_files(column: Column, file_format: Format) -> str:
    """DuckDB's name for what stands in the files of this format."""
    is_text = file_format is Format.CSV and (_is_json_text(column) or column.type == _TIME)
    return "VARCHAR" if is_text else column.type


def _written(column: Column, file_format: Format) -> str:
    text = column.name
    if file_format is Format.CSV and _is_json_text(column):
        text = f"to_json({column.name})::VARCHAR AS {column.name}"
    elif file_format is not Format.PARQUET and column.type == _TIME:
        text = f"{_ISO.format(name=column.name)} AS {column.name}"
    return text


def _is_json_text(column: Column) -> bool:
    return column.type.endswith("[]") or column.name in NUMERALS
