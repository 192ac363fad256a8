"""The warehouse file: opening it, taking turns, transactions.

DuckDB lets one process write, or many read, and gives the file to whoever comes first. Our own processes therefore
take turns through a lock file beside the database and hold the file only for one short piece of work. A program that
knows nothing of the lock file (a person's DuckDB shell) is waited for, then named.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from filelock import FileLock, Timeout

from collect_pipeline.warehouse.errors import WarehouseCopyError, WarehouseLockedError, WarehouseUnusableError
from collect_pipeline.warehouse.groups import count_pages, join_groups
from collect_pipeline.warehouse.migrate import Migration, applied_versions, migrate

Connection = duckdb.DuckDBPyConnection

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "TimeZone": "UTC",
    # What does not fit goes to disk, and not without bound. Arrays come on top: with a million new prompts, a gigabyte.
    "memory_limit": "1600MB",
    "max_temp_directory_size": "20GB",
    # Every extension that is needed comes with the package; nothing is fetched while running.
    "autoinstall_known_extensions": False,
    # Stored pages would be written anew with every commit: see groups.py.
    "max_vacuum_tasks": 0,
}
_PAUSE = 0.1
_LOOK = 50
"""After so many transactions of a process, groups of rows are looked at, pages or no pages."""
_SNAPSHOT = "snapshot-"
_IN_USE = "in-use.lock"
_BROKEN = (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException, duckdb.OutOfMemoryException)
"""What DuckDB raises when it cannot write: a failed commit, a full disk, a full folder for temporary files."""


class Warehouse:
    """A DuckDB file that several processes share.

    Args:
        path: the file; it and its folder are created on first use.
        patience: seconds to wait for other programs before giving up. Processes of ours, which let go by themselves,
            are waited for ten times as long.
        on_wait: called once per wait with a sentence about who is waited for.
    """

    def __init__(self, path: Path, patience: float = 60.0, on_wait: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.patience = patience
        self._on_wait = on_wait
        self._schema_checked = False
        self._transactions = 0

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open, begin, commit, close. Whatever is raised inside leaves the file as it was.

        Raises:
            WarehouseLockedError: another program held the file for longer than `patience`.
            WarehouseUnusableError: the file cannot be opened or written at all.
        """
        with self._turn():
            connection = self._connect()
            try:
                before = count_pages(connection)
                connection.begin()
                yield connection
                connection.commit()
                self._transactions += 1
                with suppress(duckdb.Error):  # what was to be committed is; what is not joined now stays as it is
                    # States are replaced without any page, by one process for all versions.
                    look = self._transactions % _LOOK == 0
                    join_groups(connection, before, count_pages(connection), look)
            except _BROKEN as error:
                raise WarehouseUnusableError(
                    f"the warehouse {self.path} cannot be written ({_reason(error)}); "
                    "nothing was changed. Check the disk, then run again."
                ) from error
            finally:
                _close(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A read-only connection to a copy of the file as it is now, for reading that takes long.

        The file itself is held only while it is copied, so that nobody who collects has to wait for a reader.

        Raises:
            WarehouseLockedError: another program held the file for longer than `patience`.
            WarehouseUnusableError: the file cannot be opened, or there is no room for the copy.
        """
        with self._snapshot_folder() as folder:
            copy = folder / self.path.name
            try:
                self.copy_to(copy)
            except WarehouseCopyError as error:
                raise WarehouseUnusableError(str(error)) from error
            connection = duckdb.connect(copy, read_only=True, config=_CONFIG)
            # An open file needs no name any more, and one without a name does not outlive a killed process.
            copy.unlink()
            try:
                yield connection
            finally:
                connection.close()

    def copy_to(self, target: Path) -> None:
        """Write a copy of the file as it is now to `target`; an earlier copy there is replaced in one step.

        Raises:
            WarehouseLockedError: another program held the file for longer than `patience`.
            WarehouseUnusableError: the file cannot be opened.
            WarehouseCopyError: the copy cannot be written, or something else than a copy stands there.
        """
        _refuse_to_replace(target, self.path)
        partial = target.with_name(f".{target.name}.partial")
        with self._turn():
            # Opening brings the schema up to date, closing moves what is in the log into the file.
            _close(self._connect())
            if Path(f"{self.path}.wal").exists():
                raise WarehouseUnusableError(
                    f"the warehouse {self.path} could not be brought up to date; check the disk, then try again."
                )
            try:
                shutil.copyfile(self.path, partial)
                partial.replace(target)
            except OSError as error:
                with suppress(OSError):
                    partial.unlink()
                raise WarehouseCopyError(
                    f"the warehouse {self.path} cannot be copied to {target} ({error.strerror or error}); "
                    "make room or choose another folder. Nothing was changed."
                ) from error

    def migrate(self) -> list[Migration]:
        """Create the file or bring its schema up to date; return what was applied."""
        self._schema_checked = False
        with self._turn():
            connection = self._open()
            try:
                return migrate(connection)
            finally:
                connection.close()

    @contextmanager
    def _snapshot_folder(self) -> Iterator[Path]:
        """A folder for a copy and for what DuckDB puts on the disk while reading it.

        A killed process leaves its folder; the lock in it is free then, and the next snapshot removes it.
        """
        with self._turn():
            try:
                for left in self.path.parent.glob(f"{_SNAPSHOT}*"):
                    _remove_if_abandoned(left)
                folder = TemporaryDirectory(prefix=_SNAPSHOT, dir=self.path.parent, ignore_cleanup_errors=True)
                in_use = FileLock(Path(folder.name) / _IN_USE)
                in_use.acquire()
            except OSError as error:
                raise self._unusable(error) from error
        try:
            with folder:
                yield Path(folder.name)
        finally:
            in_use.release()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = FileLock(f"{self.path}.lock", poll_interval=0.02)
        turn_patience = 10 * self.patience
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            Path(f"{self.path}.lock").touch()  # fails at once where waiting for the lock would not help
            try:
                lock.acquire(timeout=min(1.0, turn_patience))
            except Timeout:
                self._say("another process of collect_pipeline is writing to the warehouse; waiting for its turn.")
                lock.acquire(timeout=turn_patience)
        except Timeout:
            raise WarehouseLockedError(self._locked_sentence(self._holder(), turn_patience)) from None
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _connect(self) -> Connection:
        connection = self._open()
        if not self._schema_checked:
            try:
                migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._schema_checked = True
        return connection

    def _open(self) -> Connection:
        deadline = time.monotonic() + self.patience
        said = False
        while True:
            try:
                return duckdb.connect(self.path, config=_CONFIG)
            except duckdb.IOException as error:
                if not _is_lock(error):
                    raise WarehouseUnusableError(
                        f"the warehouse {self.path} cannot be opened ({_reason(error)}); "
                        "check the file, or set COLLECT_DATABASE."
                    ) from error
                if time.monotonic() > deadline:
                    raise WarehouseLockedError(self._locked_sentence(_reason(error), self.patience)) from error
                if not said:
                    self._say(f"the warehouse is in use {_reason(error)}; waiting for it.")
                    said = True
                time.sleep(_PAUSE)
            except duckdb.Error as error:
                raise WarehouseUnusableError(
                    f"the warehouse {self.path} cannot be opened ({_reason(error)}); "
                    "check the file, or set COLLECT_DATABASE."
                ) from error

    def _holder(self) -> str:
        """Who holds the file: DuckDB's own message names the process."""
        try:
            duckdb.connect(self.path, config=_CONFIG).close()
        except duckdb.Error as error:
            return _reason(error)
        return "by another process of collect_pipeline"

    def _unusable(self, error: OSError) -> WarehouseUnusableError:
        return WarehouseUnusableError(
            f"the warehouse {self.path} cannot be used ({error.strerror or error}); "
            "check the folder and its permissions, or set COLLECT_DATABASE."
        )

    def _locked_sentence(self, holder: str, seconds: float) -> str:
        return (
            f"the warehouse {self.path} is in use {holder} and was not released within "
            f"{seconds:g} seconds; close the other program or wait, then run again. Nothing was changed."
        )

    def _say(self, sentence: str) -> None:
        if self._on_wait is not None:
            self._on_wait(sentence)


def _close(connection: Connection) -> None:
    """Close, which rolls back what was not committed. What was committed is safe in the log even if it cannot be
    moved into the file now."""
    with suppress(*_BROKEN):
        connection.close()


def _remove_if_abandoned(folder: Path) -> None:
    if not (folder / _IN_USE).is_file():
        return  # not one of ours
    lock = FileLock(folder / _IN_USE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def _refuse_to_replace(target: Path, warehouse: Path) -> None:
    """Nothing but an earlier copy is overwritten, and no log is left that DuckDB would take for the new copy's."""
    if Path(f"{target}.wal").exists():
        raise WarehouseCopyError(
            f"{target}.wal holds changes that another program made to an earlier copy; close that program or choose "
            "another file. Nothing was changed."
        )
    if not target.exists():
        return
    if not target.is_file() or not _is_database(target):
        raise WarehouseCopyError(f"{target} is no DuckDB database and is not overwritten; choose another file.")
    if warehouse.exists() and target.samefile(warehouse):
        raise WarehouseCopyError(f"{target} is the warehouse itself; choose another file.")
    if Path(f"{target}.lock").exists():
        raise WarehouseCopyError(f"{target} is a warehouse of its own and is not overwritten; choose another file.")
    if not _is_copy(target):
        raise WarehouseCopyError(
            f"{target} is no copy of a warehouse, or another program has it open, and is not overwritten; choose "
            "another file."
        )


def _is_database(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(12)[8:] == b"DUCK"


def _is_copy(file: Path) -> bool:
    try:
        with duckdb.connect(file, read_only=True) as connection:
            return bool(applied_versions(connection))
    except duckdb.Error:
        return False


def _is_lock(error: duckdb.Error) -> bool:
    return "Could not set lock" in str(error)


def _reason(error: duckdb.Error) -> str:
    """DuckDB's first sentence, or for a lock the process that holds it."""
    text = str(error).splitlines()[0]
    held = re.search(r"held in (\S+) \(PID (\d+)\)", text)
    if held:
        return f"by {Path(held[1]).name}, process {held[2]}"
    return text.rstrip(". ")
