"""A repeated run: one Dagster run after another for each version, until another would bring nothing.

Knows neither Dagster nor the API; what one run does is handed in.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collect_pipeline.collection.collector import Progress


@dataclass(frozen=True)
class Repetition:
    """How often at most, and the seconds between one round over the versions and the next."""

    iterations: int
    pause: float


ONCE = Repetition(1, 0.0)


def collect_repeatedly(
    keys: Sequence[str],
    repetition: Repetition,
    collect_once: Callable[[str, bool], Progress | None],
    pause: Callable[[float], None] = time.sleep,
) -> list[Progress]:
    """Collect each version again and again; the progress of every run, in order.

    `collect_once` gets a partition key and whether this is the first round. A version is left out of further rounds
    once its end is reached and nothing was new, or when a run that brought nothing new left the cursor where it was.
    """
    done: list[Progress] = []
    last: dict[str, Progress] = {}
    left = list(keys)
    for iteration in range(repetition.iterations):
        if iteration:
            pause(repetition.pause)
        unfinished = []
        for key in left:
            progress = collect_once(key, iteration == 0)
            if progress is None:
                continue
            done.append(progress)
            if _is_worth_another(progress, last.get(key)):
                unfinished.append(key)
            last[key] = progress
        left = unfinished
        if not left:
            break
    return done


def _is_worth_another(progress: Progress, before: Progress | None) -> bool:
    if progress.has_news:
        return True
    stands_still = before is not None and progress.next_cursor == before.next_cursor
    return not progress.at_end and not stands_still
