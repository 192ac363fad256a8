"""Exports appear whole or not at all, keep nobody from collecting, and say in one sentence why they cannot be made."""

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from collect_pipeline.dataset.errors import ExportError
from collect_pipeline.dataset.export import export
from collect_pipeline.dataset.folder import publish
from collect_pipeline.dataset.formats import Format
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.dataset.conftest import add_images
from collect_pipeline_tests.dataset.test_loading import with_datasets


def quiet(_: str) -> None:
    """Says nothing."""


def dated(place: Path) -> list[str]:
    """The names of whole datasets, oldest first."""
    return sorted(path.name for path in place.iterdir() if path.is_dir() and not path.is_symlink())


def partial(place: Path) -> list[str]:
    return [path.name for path in place.iterdir() if path.name.startswith(".export-partial")]


def rows(link: Path) -> int:
    [(count,)] = duckdb.execute(f"FROM '{link.resolve()}/images/*/*.parquet' SELECT count(*)").fetchall()
    return int(count)


def test_a_writer_commits_while_an_export_is_under_way(own_warehouse: Warehouse, tmp_path: Path) -> None:
    place = tmp_path / "out"
    before = export(own_warehouse, place, Format.PARQUET, quiet).rows["images"]
    writer = Warehouse(own_warehouse.path, patience=0.0)
    written: list[str] = []

    def commit(sentence: str) -> None:
        add_images(writer, {len(written) + 1: f"written while exporting, {len(written)}"}, version_id=7)
        written.append(sentence)

    during = export(own_warehouse, place, Format.PARQUET, commit)
    assert len(written) == 2
    assert during.rows["images"] == rows(during.link) == before
    assert export(own_warehouse, place, Format.PARQUET, quiet).rows["images"] == before + 2


def test_a_new_export_replaces_the_link_and_keeps_the_one_before(own_warehouse: Warehouse, tmp_path: Path) -> None:
    place = tmp_path / "out"
    done = [export(own_warehouse, place, Format.PARQUET, quiet) for _ in range(3)]
    assert {one.link for one in done} == {place / "parquet"}
    assert dated(place) == [done[1].folder.name, done[2].folder.name]
    assert (place / "parquet").resolve() == done[2].folder
    other = export(own_warehouse, place, Format.CSV, quiet)
    assert dated(place) == [other.folder.name, done[1].folder.name, done[2].folder.name]


def test_datasets_loads_what_is_new_under_the_same_name(own_warehouse: Warehouse, tmp_path: Path) -> None:
    counts = []
    for image_id in (1, 2):
        link = export(own_warehouse, tmp_path / "out", Format.PARQUET, quiet).link
        counts.append(len(with_datasets(link, "images", Format.PARQUET, tmp_path / "cache")))
        add_images(own_warehouse, {image_id: "new"}, version_id=7)
    assert counts[1] == counts[0] + 1


def test_a_reader_never_sees_half_of_an_export(tmp_path: Path) -> None:
    def write(number: int) -> None:
        with publish(tmp_path, "parquet") as publication:
            for name in ("first", "second"):
                (publication.partial / name).write_text(str(number))

    write(0)
    seen: set[str] = set()
    torn: list[tuple[str, str]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            folder = (tmp_path / "parquet").resolve()
            try:
                first, second = (folder / "first").read_text(), (folder / "second").read_text()
            except FileNotFoundError as error:
                # The one before the last is cleared away, under a reader that is that slow.
                if folder == (tmp_path / "parquet").resolve():
                    torn.append((folder.name, str(error)))
                continue
            seen.add(first)
            if first != second:
                torn.append((first, second))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 40):
        write(number)
    done.set()
    reader.join()
    assert seen
    assert torn == []
    assert (tmp_path / "parquet" / "second").read_text() == "39"


def test_a_killed_export_shows_nothing_and_is_cleared_away_by_the_next(
    own_warehouse: Warehouse, tmp_path: Path
) -> None:
    place = tmp_path / "out"
    first = export(own_warehouse, place, Format.PARQUET, quiet)
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from collect_pipeline.dataset.export import export\n"
        "from collect_pipeline.dataset.formats import Format\n"
        "from collect_pipeline.warehouse.connection import Warehouse\n"
        "export(Warehouse(Path(sys.argv[1])), Path(sys.argv[2]), Format.PARQUET,"
        " lambda _: os.kill(os.getpid(), signal.SIGKILL))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(own_warehouse.path), str(place)], timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(partial(place)) == 1
    assert first.link.resolve() == first.folder
    second = export(own_warehouse, place, Format.PARQUET, quiet)
    assert partial(place) == []
    assert dated(place) == [first.folder.name, second.folder.name]


def test_a_full_disk_is_one_sentence_and_leaves_the_export_before(own_warehouse: Warehouse, tmp_path: Path) -> None:
    place = tmp_path / "out"
    first = export(own_warehouse, place, Format.CSV, quiet)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_the_disk(_: str) -> None:
        # The system refuses to let files grow further, as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))

    try:
        with pytest.raises(ExportError, match="make room") as caught:
            export(own_warehouse, place, Format.CSV, fill_the_disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(caught.value)
    assert partial(place) == []
    assert first.link.resolve() == first.folder
    assert dated(place) == [first.folder.name]


def test_two_exports_at_once_do_not_mix(own_warehouse: Warehouse, tmp_path: Path) -> None:
    tmp_path.joinpath("out").mkdir()
    with FileLock(tmp_path / "out" / ".export.lock"), pytest.raises(ExportError, match="another export"):
        # The lock is held for other objects, as it is for other processes.
        export(own_warehouse, tmp_path / "out", Format.PARQUET, quiet)
    export(own_warehouse, tmp_path / "out", Format.PARQUET, quiet)


def test_a_place_that_cannot_be_used_is_one_sentence(own_warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose another folder") as caught:
        export(own_warehouse, tmp_path / "file", Format.PARQUET, quiet)
    assert "\n" not in str(caught.value)
    (tmp_path / "parquet").mkdir()
    (tmp_path / "parquet" / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="in the way"):
        export(own_warehouse, tmp_path, Format.PARQUET, quiet)
    assert (tmp_path / "parquet" / "mine.txt").read_text() == "mine"


def test_nothing_to_export_is_one_sentence_and_writes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    place = tmp_path / "out"
    with pytest.raises(ExportError, match="nothing to export"):
        export(warehouse, place, Format.PARQUET, quiet)
    add_images(warehouse, {1: "a lighthouse"}, version_id=7)
    with pytest.raises(ExportError, match="deduplicated"):
        export(warehouse, place, Format.PARQUET, quiet)
    assert not place.exists()


def test_prompts_that_no_image_has_any_more_are_left_out(own_warehouse: Warehouse, tmp_path: Path) -> None:
    add_images(own_warehouse, {1: "a prompt to be edited away"}, version_id=7)
    with own_warehouse.transaction() as connection:
        deduplicate(connection)
    before = export(own_warehouse, tmp_path / "out", Format.PARQUET, quiet).rows["prompts"]
    with own_warehouse.transaction() as connection:
        connection.execute("UPDATE images SET prompt = 'another text', prompt_id = NULL WHERE image_id = 1")
        deduplicate(connection)
        [(kept,)] = connection.execute("SELECT count(*) FROM prompts").fetchall()
    done = export(own_warehouse, tmp_path / "out", Format.PARQUET, quiet)
    assert done.rows["prompts"] == before == kept - 1


def test_the_folder_is_readable_by_others(own_warehouse: Warehouse, tmp_path: Path) -> None:
    done = export(own_warehouse, tmp_path / "out", Format.PARQUET, quiet)
    assert os.stat(done.folder).st_mode & 0o777 == 0o755  # noqa: PTH116 - the folder itself, as others see it
