"""Progress of a run: a bar on a terminal, plain lines in a pipe."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from collect_pipeline.assets.raw_pages import PROGRESS_LOGGER
from collect_pipeline.collection import collector


class Display(logging.Handler):
    """Shows every record of the progress logger and remembers the last progress."""

    def __init__(self, console: Console, bar: Progress | None, max_items: int | None) -> None:
        super().__init__()
        self._last: collector.Progress | None = None
        self._console = console
        self._bar = bar
        self._task = bar.add_task("collecting", total=max_items) if bar else None

    def take_last(self) -> collector.Progress | None:
        """The last progress since this was asked before."""
        last, self._last = self._last, None
        return last

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        progress = getattr(record, "progress", None)
        if isinstance(progress, collector.Progress):
            self._last = progress
        if self._bar is None or self._task is None or not isinstance(progress, collector.Progress):
            self._console.print(record.getMessage(), markup=False, highlight=False, soft_wrap=True)
            return
        self._bar.update(
            self._task,
            completed=progress.collected,
            description=f"{progress.partition_key} {progress.leg or progress.phase}, {progress.new} new",
        )


@contextmanager
def display(max_items: int | None) -> Iterator[Display]:
    """Show the progress of runs in this process while the context lasts."""
    console = Console(stderr=True)
    bar = None
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("images"))
        bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console)
    handler = Display(console, bar, max_items)
    PROGRESS_LOGGER.addHandler(handler)
    PROGRESS_LOGGER.setLevel(logging.INFO)
    try:
        with bar or nullcontext():
            yield handler
    finally:
        PROGRESS_LOGGER.removeHandler(handler)
