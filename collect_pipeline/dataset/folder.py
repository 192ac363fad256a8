"""Publishing a folder whole: a reader sees the old dataset or the new one, never a part of one.

A dataset is written to `.export-partial-…`, renamed to a dated folder, and then a symbolic link such as `parquet` is
replaced, which is one step for the file system. Dated folders are never changed. The one that the link named before
stays for those who still read it, older ones are removed. One export at a time writes to a place; what a killed one
left behind is removed by the next. Knows nothing of what is in the folders.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock, Timeout

from collect_pipeline.dataset.errors import ExportError

_PARTIAL = ".export-partial-"
_DATED = r"{name}-\d{{8}}T\d{{6}}\.\d{{6}}Z"


@dataclass(frozen=True)
class Publication:
    """A folder that is being written at `partial`; `folder` and `link` are where it is found afterwards.

    `stamp` is the moment in the name of `folder`.
    """

    partial: Path
    folder: Path
    link: Path
    stamp: str


@contextmanager
def publish(place: Path, name: str) -> Iterator[Publication]:
    """Give a folder to write to; when the context ends well, it is what `place`/`name` shows.

    Raises:
        ExportError: `place` cannot be written, another export writes to it, or something else stands at `name`.
    """
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / ".export.lock")
        lock.acquire(blocking=False)
    except Timeout:
        raise ExportError(f"another export is writing to {place} at this moment; wait for it to end.") from None
    except OSError as error:
        raise _unwritable(place, error) from error
    try:
        link = place / name
        if link.exists() and not link.is_symlink():
            raise ExportError(f"{link} is in the way: it was not made by an export; move it, or choose another --out.")
        try:
            _remove(folder for folder in place.iterdir() if folder.name.startswith(_PARTIAL))
            partial = Path(mkdtemp(prefix=f"{_PARTIAL}{name}-", dir=place))
            partial.chmod(0o755)  # readable as any other folder, which mkdtemp's are not
        except OSError as error:
            raise _unwritable(place, error) from error
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        publication = Publication(partial, place / f"{name}-{stamp}", link, stamp)
        try:
            yield publication
            _show(publication)
        except OSError as error:
            raise _unwritable(place, error) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    finally:
        lock.release()


def _show(publication: Publication) -> None:
    _flush(publication.partial)
    publication.partial.rename(publication.folder)
    link = publication.link
    before = link.readlink().name if link.is_symlink() else None
    new_link = link.with_name(f"{_PARTIAL}{link.name}-link")
    new_link.symlink_to(publication.folder.name)
    new_link.replace(link)
    dated = re.compile(_DATED.format(name=re.escape(link.name)))
    _remove(
        folder
        for folder in link.parent.iterdir()
        if dated.fullmatch(folder.name) and folder.name not in {publication.folder.name, before}
    )


def _flush(folder: Path) -> None:
    """Onto the disk, so that no loss of power leaves the name without the content."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(paths: Iterator[Path]) -> None:
    for path in paths:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


def _unwritable(place: Path, error: OSError) -> ExportError:
    return ExportError(
        f"{place} cannot be written ({error.strerror or error}); make room or choose another folder. "
        "An earlier export is as it was."
    )
