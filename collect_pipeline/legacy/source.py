"""The old tool's SQLite file: opened so that nothing of it is touched, looked over, and read row by row.

Files from before a column or a table existed are common, and SQLite lets every column hold anything: so a row is a
dictionary of what is there. Knows which tables the old tool had, and nothing of what their columns mean.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from collect_pipeline.legacy.errors import LegacyFileError

PROMPTS = "civitai_prompts"
CATEGORIES = "prompt_categories"
RESOURCES = "prompt_resources"
STATES = "collection_state"

TABLES = {
    PROMPTS: "civitai_id full_prompt negative_prompt model_version_id raw_metadata",
    CATEGORIES: "prompt_id category",
    RESOURCES: "prompt_id resource_name resource_model_version_id",
    STATES: "model_id version_id",
}
"""The old tables, and columns of which a table must have at least one to be the old tool's."""

Value = int | float | str | None
Row = dict[str, Value]

PATIENCE = 2.0
"""Seconds to wait for a program that is writing to the file."""

_HEADER = b"SQLite format 3\0"
_WAL = 2
_HARMLESS = re.compile(
    r"ok|(NULL|NUMERIC|TEXT|non-\w+) value in .*|CHECK constraint failed in .*|non-unique entry in index .*"
    r"|row \d+ missing from index .*",
    re.DOTALL,
)
"""What SQLite finds in files that can be read all the same: rows that break a rule of their table, and an index that
lacks rows, since none is used. Anything else means that rows cannot be read, or are not what they were."""
_FINDINGS = 10**9
"""So many that those about rows hide no other one."""
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""The second is what Python makes of an error message in which SQLite quotes a name that is damaged."""


class LegacyFile:
    """An open file. Everything read from it is as of one moment."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._columns = _columns(connection)

    def has(self, table: str) -> bool:
        """Whether the file has the table."""
        return table in self._columns

    def count(self, table: str) -> int:
        """How many rows the table has; 0 if it is missing."""
        if not self.has(table):
            return 0
        [(count,)] = self._select("count(*)", table)
        return int(count)

    def distinct(self, table: str, column: str) -> list[Value]:
        """The different values of a column; none if the table or the column is missing."""
        if column not in self._columns.get(table, ()):
            return []
        return [_plain(value) for (value,) in self._select(f"DISTINCT {column}", table)]

    def rows(self, table: str) -> Iterator[Row]:
        """The rows in the order they were written, by lower-case column name; nothing if the table is missing.

        `id`, which other tables refer to, is always there.

        Raises:
            LegacyFileError: the file cannot be read any further.
        """
        if not self.has(table):
            return
        columns = self._columns[table]
        names = ['"' + name.replace('"', '""') + '"' for name in columns]
        order = "ORDER BY rowid" if _has_rowid(self._connection, table) else ""
        if "id" not in columns and order:
            names.append("rowid AS id")
            columns = [*columns, "id"]
        for row in self._select(", ".join(names), table, order):
            yield dict(zip(columns, row if bytes not in map(type, row) else map(_plain, row), strict=True))

    def _select(self, what: str, table: str, order: str = "") -> Iterator[tuple[Any, ...]]:
        # An index may lack rows that the table has.
        try:
            yield from self._connection.execute(f"SELECT {what} FROM {table} NOT INDEXED {order}")  # noqa: S608 - names of ours
        except _UNREADABLE as error:
            raise _unreadable(self.path, error) from error


@contextmanager
def open_legacy(path: Path) -> Iterator[LegacyFile]:
    """Open and look over an old file. The file, its folder and its journals stay as they are.

    Raises:
        LegacyFileError: it is missing, foreign, damaged, locked, or holds none of the old tables.
    """
    uses_wal = _check_header(path)
    # SQLite's journals stand beside the file itself, not beside a link to it.
    path = path.resolve()
    with ExitStack() as opened:
        try:
            folder = opened.enter_context(TemporaryDirectory(prefix="import-legacy-"))
            connection = opened.enter_context(closing(_connect(path, Path(folder), uses_wal)))
            _check(connection)
            file = LegacyFile(connection, path)
        except _UNREADABLE as error:
            raise _unreadable(path, error) from error
        if not any(file.has(table) for table in TABLES):
            raise LegacyFileError(
                f"{path} is an SQLite database, but has none of the old tool's tables ({', '.join(TABLES)}); "
                "choose another file. Nothing was changed."
            )
        yield file


def _check_header(path: Path) -> bool:
    """Whether the file is in SQLite's WAL mode."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise LegacyFileError(
            f"{path} cannot be opened ({error.strerror}); give the path of the old tool's database file."
        ) from error
    if not header.startswith(_HEADER) or len(header) < 100:
        what = "is empty" if not header else "is no SQLite database"
        raise LegacyFileError(f"{path} {what}; give the path of the old tool's database file. Nothing was changed.")
    if header[19] > _WAL:
        raise LegacyFileError(f"{path} was written by a newer SQLite than this one can read. Nothing was changed.")
    return header[19] == _WAL


def _connect(path: Path, folder: Path, uses_wal: bool) -> sqlite3.Connection:
    """A read-only connection, to the file itself or to a copy in `folder`.

    SQLite makes files beside a database in WAL mode even when it only reads. With nothing left in the log it need not:
    it is told that nobody writes. What is in a log, or in the journal of a program that died, is read from a copy.
    """
    if uses_wal:
        if _size(path, "-wal"):
            return _open(_copied(path, folder, "-wal"), "rw")
        return _open(path, "ro&immutable=1")
    connection = _open(path, "ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
            raise
        return _open(_copied(path, folder, "-journal"), "rw")
    return connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE)
    connection.isolation_level = None
    connection.text_factory = lambda data: data.decode(errors="replace")
    return connection


def _size(path: Path, suffix: str) -> int:
    beside = Path(f"{path}{suffix}")
    return beside.stat().st_size if beside.exists() else 0


def _copied(path: Path, folder: Path, suffix: str) -> Path:
    """A copy of the file with what stands beside it. Refused if somebody writes meanwhile."""
    files = [path, Path(f"{path}{suffix}")]
    try:
        before = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        for file in files:
            shutil.copyfile(file, folder / file.name)
        after = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    except OSError as error:
        raise LegacyFileError(
            f"{path} was not closed properly and has to be copied to be read, which failed ({error.strerror}); "
            "make room in the folder for temporary files. Nothing was changed."
        ) from error
    if before != after:
        raise LegacyFileError(
            f"{path} is being written to by another program; close it, then import again. Nothing was changed."
        )
    return folder / path.name


def _check(connection: sqlite3.Connection) -> None:
    """Begin to read, and find out now whether everything can be read: later, something would have changed already."""
    connection.execute("BEGIN")
    for (finding,) in connection.execute(f"PRAGMA quick_check({_FINDINGS})"):
        if not _HARMLESS.fullmatch(str(finding)):
            raise sqlite3.DatabaseError("database disk image is malformed")


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    found = {}
    for table, telling in TABLES.items():
        columns = [str(row[1]).lower() for row in connection.execute(f"PRAGMA table_info({table})")]
        if set(columns) & set(telling.split()):
            found[table] = columns
    return found


def _has_rowid(connection: sqlite3.Connection, table: str) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {table} LIMIT 0")  # noqa: S608 - a name of TABLES
    except sqlite3.OperationalError:
        return False
    return True


def _plain(value: object) -> Value:
    """Text as text, whatever it was stored as; bytes that are no text as hexadecimal digits."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return value if isinstance(value, int | float | str) else None


def _unreadable(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> LegacyFileError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LegacyFileError(
            f"{path} is locked by another program; close the old tool, then import again. Nothing was changed."
        )
    if name == "SQLITE_NOTADB":
        return LegacyFileError(f"{path} is no SQLite database. Nothing was changed.")
    if isinstance(error, UnicodeDecodeError) or "malformed" in str(error):
        return LegacyFileError(f"{path} is damaged or was cut off; take a whole copy of it, then import again.")
    return LegacyFileError(f"{path} cannot be read ({error}).")
