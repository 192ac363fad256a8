"""One thread that writes to the warehouse while the old file is read. Knows nothing of what it writes."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Concatenate, ParamSpec, Self, TypeVar

from collect_pipeline.warehouse.connection import Connection, Warehouse

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Writer:
    """Does one piece of work after another, each in a transaction of its own. Leaving it waits for the one under way
    and gives up the others."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._thread = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def submit(
        self,
        work: Callable[Concatenate[Connection, Arguments], Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Future[Result]:
        """Have it done after all that was submitted before."""

        def do() -> Result:
            with self._warehouse.transaction() as connection:
                return work(connection, *arguments, **named)

        return self._thread.submit(do)
