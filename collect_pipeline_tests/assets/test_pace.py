"""What the log of a run says of its pace: what is known, and no guess."""

from dataclasses import replace

import pytest

from collect_pipeline.assets.pace import Pace, in_words
from collect_pipeline.collection.collector import Progress

DRAINING = Progress("7@8", "draining", "drain", 10, 1_000, 800, 900, 100, 0, 1_900, 900, "next", None)


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_line_tells_pages_images_new_and_how_fast() -> None:
    clock = Clock()
    pace = Pace(None, clock)
    clock.now += 20
    assert pace.sentence(DRAINING) == (
        "Page 10: 1,000 images received, 900 new, 50 a second; 1,900 stored for 7@8. "
        "Now reading the gallery from its oldest image on."
    )


def test_with_a_limit_the_rest_is_estimated() -> None:
    clock = Clock()
    pace = Pace(2_500, clock)
    clock.now += 20
    assert pace.sentence(DRAINING).endswith("about 30 s to go.")


def test_going_over_a_known_gallery_counts_from_where_that_began() -> None:
    clock = Clock()
    pace = Pace(None, clock)
    clock.now += 10
    pace.sentence(DRAINING)
    clock.now += 10
    sweeping = replace(DRAINING, leg="sweep", collected=1_200, total_collected=1_000)
    assert pace.sentence(sweeping).endswith("about 13 s to go.")


def test_at_the_end_nothing_is_to_go() -> None:
    clock = Clock()
    pace = Pace(5_000, clock)
    clock.now += 10
    assert pace.sentence(replace(DRAINING, leg=None)).endswith("Now at the end of the gallery for now.")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (3_600, "60 min"), (7_500, "2 h 5 min")]
)
def test_durations_are_read_aloud(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
