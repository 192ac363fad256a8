"""How far a run is and how fast, as a sentence for somebody who watches it. Knows nothing of Dagster."""

import time
from collections.abc import Callable

from collect_pipeline.collection.collector import Progress
from collect_pipeline.collection.walk import Phase

_DOING = {
    "drain": "reading the gallery from its oldest image on",
    "tail": "asking for the end of the gallery again",
    "sweep": "going over the whole gallery once more, to close gaps",
    "repair": "reading the gallery again, since CivitAI left out images between its pages",
    "look": "looking for new images",
}


class Pace:
    """The pace of one run, from now on.

    Args:
        max_items: after how many images the run will stop; None means at the end of the gallery.
        clock: seconds that only grow.
    """

    def __init__(self, max_items: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_items = max_items
        self._clock = clock
        self._begun_at = clock()
        self._leg: str | None = None
        self._before_leg = 0
        self._collected = 0

    def seconds(self) -> float:
        """How long the run has been collecting."""
        return self._clock() - self._begun_at

    def images_per_second(self, collected: int) -> float:
        """Images received a second so far, waits included."""
        return collected / max(self.seconds(), 0.001)

    def sentence(self, progress: Progress) -> str:
        """What a commit brought, in one line of the run's log. To be called once for each commit, in order."""
        if progress.leg != self._leg:
            self._leg, self._before_leg = progress.leg, self._collected
        self._collected = progress.collected
        left = self._seconds_left(progress)
        to_go = "" if left is None else f", about {in_words(left)} to go"
        now = f"Now {_DOING.get(progress.leg or '', 'at the end of the gallery for now')}{to_go}"
        if progress.phase == Phase.SUSPECT:
            now = f"Given up for now: {progress.reason}"
        return (
            f"Page {progress.pages}: {progress.collected:,} images received, {progress.new:,} new, "
            f"{self.images_per_second(progress.collected):.0f} a second; {progress.total_collected:,} stored for "
            f"{progress.partition_key}. {now}."
        )

    def _seconds_left(self, progress: Progress) -> float | None:
        """None where it would be a guess: CivitAI does not tell the size of a gallery."""
        to_go = None
        if self._max_items is not None:
            to_go = self._max_items - progress.collected
        elif progress.leg in {"sweep", "repair"}:
            to_go = progress.total_collected - (progress.collected - self._before_leg)
        if to_go is None or progress.at_end or not progress.collected:
            return None
        return max(to_go, 0) / self.images_per_second(progress.collected)


def in_words(seconds: float) -> str:
    """A duration as one reads it aloud: `40 s`, `3 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
