"""One run at a time for one version: a lock file beside the warehouse, let go by the system when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from collect_pipeline.warehouse.errors import WarehouseError

_PATIENCE = 2.0
"""Seconds: whoever only looks whether a claim is held has it for a moment, too."""


class AlreadyClaimedError(WarehouseError):
    """Another run works on the same partition."""


def _lock(database: Path, name: str) -> FileLock:
    folder = database.with_name(database.name + ".claims")
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{name}.lock")


@contextmanager
def claim(database: Path, name: str) -> Iterator[None]:
    """Hold the claim on `name` for as long as the context lasts.

    Raises:
        AlreadyClaimedError: another run holds it.
    """
    lock = _lock(database, name)
    try:
        lock.acquire(timeout=_PATIENCE, poll_interval=0.02)
    except Timeout:
        raise AlreadyClaimedError(
            f"another run is collecting {name} at this moment; wait for it to end, or stop it, then run again."
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_claimed(database: Path, name: str) -> bool:
    """Whether a run holds the claim now."""
    lock = _lock(database, name)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False
