"""One thread writes while the old file is read: what it does when something fails."""

from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collect_pipeline.legacy.writer import Writer
from collect_pipeline.warehouse.connection import Connection, Warehouse


def write(connection: Connection, image_id: int) -> int:
    connection.execute(
        "INSERT INTO image_versions BY NAME SELECT ? AS image_id, 1 AS model_version_id, 1 AS first_page_id", [image_id]
    )
    return image_id


def fail(connection: Connection) -> None:
    connection.execute("SELECT error('the disk is on fire')")


def work_for_ever(connection: Connection) -> None:
    write(connection, 1)
    connection.execute("SELECT count(*) FROM range(1_000_000_000_000) WHERE range % 7 = 3")


def written(warehouse: Warehouse) -> list[tuple[int, ...]]:
    with warehouse.transaction() as connection:
        return connection.execute("SELECT image_id FROM image_versions ORDER BY 1").fetchall()


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "collect.duckdb")
    warehouse.migrate()
    return warehouse


def test_work_is_done_in_order_and_its_results_come_back(warehouse: Warehouse) -> None:
    with Writer(warehouse) as writer:
        results = [writer.submit(write, number) for number in (3, 1, 2)]

    assert [result.result() for result in results] == [3, 1, 2]
    assert written(warehouse) == [(1,), (2,), (3,)]


def test_after_a_failure_nothing_more_is_written(warehouse: Warehouse) -> None:
    with Writer(warehouse) as writer:
        writer.submit(write, 1)
        failed, later = writer.submit(fail), writer.submit(write, 2)
        with pytest.raises(duckdb.Error, match="the disk is on fire"):
            failed.result()
        with pytest.raises(duckdb.Error, match="the disk is on fire"):
            later.result()

    assert written(warehouse) == [(1,)]


def test_leaving_with_an_exception_interrupts_what_is_under_way(warehouse: Warehouse) -> None:
    results: list[Future[Any]] = []

    def submit_and_fail() -> None:
        with Writer(warehouse) as writer:
            results.append(writer.submit(work_for_ever))
            results.append(writer.submit(write, 2))
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        submit_and_fail()

    under_way, waiting = results
    with pytest.raises((duckdb.InterruptException, CancelledError)):
        under_way.result()
    with pytest.raises(CancelledError):
        waiting.result()
    assert written(warehouse) == []
