"""One thread that writes to the warehouse while the old file is read. Knows nothing of what it writes."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import duckdb

from collect_pipeline.warehouse.connection import Connection, Warehouse

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_PAUSE = 0.1


class Writer:
    """Does one piece of work after another, each in a transaction of its own.

    After a failure nothing more is done: what was submitted, and what still is, fails with the same error. Leaving the
    writer waits for all; with an exception, it interrupts the work under way, which changes nothing then, and gives up
    the rest.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._submitted: list[Future[Any]] = []
        self._connection: Connection | None = None
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=kind is not None)
        # Whoever is impatient and interrupts again must not make the caller believe that nobody writes any more.
        while not all(future.done() for future in self._submitted):
            with suppress(KeyboardInterrupt, duckdb.Error):
                if (connection := self._connection) is not None:
                    connection.interrupt()
                time.sleep(_PAUSE)

    def submit(
        self,
        work: Callable[Concatenate[Connection, Arguments], Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Future[Result]:
        """Have it done after all that was submitted before."""

        def do() -> Result:
            if self._failure is not None:
                raise self._failure
            try:
                with self._warehouse.transaction() as connection:
                    self._connection = connection
                    return work(connection, *arguments, **named)
            except BaseException as error:
                self._failure = error
                raise
            finally:
                self._connection = None

        future = self._pool.submit(do)
        self._submitted.append(future)
        return future
