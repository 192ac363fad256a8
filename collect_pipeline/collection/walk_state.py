"""The words of the walk: what it consists of, what bounds it, what it is told of a page. Decides nothing itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Sort = Literal["Oldest", "Newest"]
OLDEST: Sort = "Oldest"
NEWEST: Sort = "Newest"
TAIL_LENGTH = 5
MediaType = Literal["image", "video", "audio"]


class Phase(StrEnum):
    """How far a version is, as users read it in `collection_state.phase`."""

    DRAINING = "draining"
    CONFIRMING = "confirming"
    FOLLOWING = "following"
    SUSPECT = "suspect"


class LegKind(StrEnum):
    """The kind of a leg; see the module's docstring."""

    DRAIN = "drain"
    TAIL = "tail"
    SWEEP = "sweep"
    REPAIR = "repair"
    LOOK = "look"


@dataclass(frozen=True)
class Policy:
    """Bounds and waits of a walk. Times in seconds unless they are timedeltas."""

    confirm_after: float = 450.0
    look_every: float = 600.0
    retry_suspect_after: float = 3600.0
    retry_suspect_at_most: float = 86_400.0
    drain_again_every: timedelta = timedelta(days=7)
    look_overlap: timedelta = timedelta(hours=48)
    look_known_pages: int = 2
    empty_pages: int = 10
    stale_pages: int = 5
    doubts: int = 2
    tail_overlap: int = 2
    scope_items: int = 500
    scope_items_at_end: int = 100
    scope_share: float = 0.01
    scope_before: timedelta = timedelta(days=30)
    short_items: int = 10
    short_share: float = 0.05
    short_ends: int = 1
    round_pages: int = 3
    rounds: int = 2
    restarts: int = 2
    visible_after: timedelta = timedelta(minutes=15)
    dropping_share: float = 0.02
    meta_filled_after: timedelta = timedelta(hours=5)
    meta_recent: timedelta = timedelta(days=7)
    look_back_pages: int = 20
    page_size: int = 100


@dataclass(frozen=True)
class Part:
    """Which images of a gallery a list is asked for: a bit mask of browsing levels, and one media type or all."""

    browsing_level: int
    media_type: MediaType | None = None


@dataclass(frozen=True)
class Leg:
    """One leg under way. `number` counts the legs of a version; `offset` the items received in this one, `met` those
    of them that the drain before showed too. A look with `down_to` goes on to images that old."""

    kind: LegKind
    number: int
    sort: Sort
    started_at: datetime
    pages: int = 0
    offset: int = 0
    unseen: int = 0
    gaps: int = 0
    known_pages: int = 0
    stale_pages: int = 0
    empty_pages: int = 0
    mentions: int = 0
    foreign: int = 0
    met: int = 0
    down_to: datetime | None = None
    first_page: str | None = None
    requested: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Walk:
    """All that must survive a killed process, apart from the pages themselves.

    `cursor` is the opaque cursor of the next request, None for a first page. `tail` holds the request cursors of the
    last pages of the last drain, oldest first. `rounds` counts drains since the version was last thought complete,
    `restarts` how often the leg under way lost its cursor, `suspicions` how often the walk was given up since then.

    `short_ends` counts the ends that came too early to be believed and were waited out.

    Once the search proved to end after `ceiling` images, the gallery is walked in parts: `part` is the one under way,
    `parts` are those to come, `uncut` counts those that were too long as well and cannot be cut any finer.
    Images without meta that were received before `meta_asked_until` were asked for a second time.
    """

    phase: Phase
    browsing_level: int
    leg: Leg | None = None
    cursor: str | None = None
    legs: int = 0
    rounds: int = 0
    restarts: int = 0
    tail: tuple[str | None, ...] = ()
    end_seen_at: datetime | None = None
    drained_at: datetime | None = None
    drained_items: int = 0
    drained_pages: int = 0
    short_ends: int = 0
    looked_at: datetime | None = None
    look_first_page: str | None = None
    suspect_at: datetime | None = None
    suspicions: int = 0
    part: Part | None = None
    parts: tuple[Part, ...] = ()
    uncut: int = 0
    ceiling: int = 0
    drain_leg: int = 0
    meta_asked_until: datetime | None = None
    reason: str | None = None

    @property
    def scope(self) -> Part:
        """What the next request asks for: the part under way, or the whole gallery."""
        return self.part or Part(self.browsing_level)


@dataclass(frozen=True)
class Seen:
    """What one page showed. `unseen` counts ids not stored for the version before the leg began, `new_to_leg` ids not
    met before in the leg; `gaps` those of `unseen` that should have been found before (see `gap_before`); `mentions`
    the items that name this version, `foreign` those that name only others, or none and are older than the version;
    `met` those that the drain before showed;
    `full` is false for a short page;
    `problem` says why the missing cursor is no normal end."""

    request_cursor: str | None
    next_cursor: str | None
    items: int
    unseen: int
    new_to_leg: int
    gaps: int
    oldest_created_at: datetime | None
    mentions: int
    foreign: int
    fingerprint: str
    full: bool
    cursor_known: bool
    problem: str | None = None
    met: int = 0


class Verdict(StrEnum):
    """What the collector does next: the next request, the same request once more, or nothing."""

    GO_ON = "go on"
    ASK_AGAIN = "ask again"
    STOP = "stop"


def new_walk(browsing_level: int) -> Walk:
    """The walk of a version that was never asked for."""
    return Walk(phase=Phase.DRAINING, browsing_level=browsing_level)
