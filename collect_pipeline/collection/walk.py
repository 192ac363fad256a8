"""The walk over one version's gallery: what to ask next, and when to stop.

Pure decisions: a `Walk` and what was just seen go in, the next `Walk` comes out. No request, no database, no clock
of its own, no Dagster; the collector does what is decided here and stores the result.

A walk is made of legs. What the server does to those who believe it is why there is more than one kind:

* `drain`: sort Oldest, every page to the end of the list. The order with the least built-in loss.
* `tail`: the last request of the drain again. An end is believed only after it was confirmed later than the edge
  cache lives; images published since are at the tail too.
* `sweep`: sort Newest, the whole list once. Closes what removals or a moving list made the drain skip.
* `repair`: sort Oldest, the whole list with every page asked for a second time and twice as long, when the sweep
  showed that the server drops rows between its pages.
* `look`: sort Newest, from the top until everything is known. The daily bread once a version is complete.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Sort = Literal["Oldest", "Newest"]
OLDEST: Sort = "Oldest"
NEWEST: Sort = "Newest"
TAIL_LENGTH = 5


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
    drain_again_every: timedelta = timedelta(days=7)
    look_overlap: timedelta = timedelta(hours=48)
    look_known_pages: int = 2
    empty_pages: int = 10
    stale_pages: int = 5
    doubts: int = 2
    tail_overlap: int = 2
    scope_items: int = 500
    scope_items_at_end: int = 100
    rounds: int = 2
    restarts: int = 2
    visible_after: timedelta = timedelta(minutes=15)
    dropping_share: float = 0.02
    ceiling_step: int = 1000
    page_size: int = 100


@dataclass(frozen=True)
class Leg:
    """One leg under way. `number` counts the legs of a version; `offset` the items received in this one."""

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
    first_page: str | None = None
    requested: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Walk:
    """All that must survive a killed process, apart from the pages themselves.

    `cursor` is the opaque cursor of the next request, None for a first page. `tail` holds the request cursors of the
    last pages of the last drain, oldest first. `rounds` counts drains since the version was last thought complete,
    `restarts` how often the leg under way lost its cursor.
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
    looked_at: datetime | None = None
    look_first_page: str | None = None
    suspect_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Seen:
    """What one page showed. `unseen` counts ids not stored for the version before the leg began, `new_to_leg` ids not
    met before in the leg; `gaps` those of `unseen` that should have been found before (see `gap_before`); `mentions`
    the items that name this version, `foreign` those that name only others; `full` is false for a short page;
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


class Verdict(StrEnum):
    """What the collector does next: the next request, the same request once more, or nothing."""

    GO_ON = "go on"
    ASK_AGAIN = "ask again"
    STOP = "stop"


def new_walk(browsing_level: int) -> Walk:
    """The walk of a version that was never asked for."""
    return Walk(phase=Phase.DRAINING, browsing_level=browsing_level)


def begin(walk: Walk, policy: Policy, now: datetime) -> Walk:
    """The walk with a leg to follow: the one under way, or the next that makes sense."""
    if walk.leg is not None:
        return walk
    if walk.phase is Phase.CONFIRMING:
        return _start(walk, LegKind.TAIL, OLDEST, now, cursor=walk.tail[-1] if walk.tail else None)
    if walk.phase is Phase.FOLLOWING and not drain_due(walk, policy, now):
        return _start(walk, LegKind.LOOK, NEWEST, now)
    return drain(walk, now)


def drain(walk: Walk, now: datetime, sort: Sort = OLDEST, cursor: str | None = None, offset: int = 0) -> Walk:
    """The walk with a fresh drain from the first page, or from a cursor that the caller knows to be `offset` items
    behind it."""
    phase = walk.phase if walk.phase is Phase.FOLLOWING else Phase.DRAINING
    fresh = _start(walk, LegKind.DRAIN, sort, now, cursor=cursor, offset=offset)
    return replace(fresh, phase=phase, rounds=1, reason=None, suspect_at=None)


def at_level(walk: Walk, browsing_level: int) -> Walk:
    """The walk for another mask of browsing levels. A cursor of the old mask means nothing under the new one, and
    levels not collected before have to be drained."""
    if browsing_level == walk.browsing_level:
        return walk
    widened = browsing_level & ~walk.browsing_level
    if walk.leg is None and not widened:
        return replace(walk, browsing_level=browsing_level, look_first_page=None)
    return replace(
        walk, browsing_level=browsing_level, phase=Phase.DRAINING, leg=None, cursor=None, tail=(), look_first_page=None
    )


def due_at(walk: Walk, policy: Policy) -> datetime | None:
    """When continuous collection should go on with it; None means at once."""
    if walk.leg is not None or walk.phase is Phase.DRAINING:
        return None
    if walk.phase is Phase.CONFIRMING and walk.end_seen_at is not None:
        return walk.end_seen_at + timedelta(seconds=policy.confirm_after)
    if walk.phase is Phase.SUSPECT and walk.suspect_at is not None:
        return walk.suspect_at + timedelta(seconds=policy.retry_suspect_after)
    if walk.looked_at is not None:
        return walk.looked_at + timedelta(seconds=policy.look_every)
    return None


def drain_due(walk: Walk, policy: Policy, now: datetime) -> bool:
    """Whether the last full drain is so long ago that it is done again, to find what a moving list hid."""
    return walk.drained_at is None or now - walk.drained_at >= policy.drain_again_every


def gap_before(walk: Walk, policy: Policy) -> datetime | None:
    """An unseen image published before this moment is one that an earlier leg missed, not a new one."""
    reference = walk.looked_at if walk.phase is Phase.FOLLOWING else walk.end_seen_at
    return None if reference is None else reference - policy.visible_after


def advance(walk: Walk, seen: Seen, doubts: int, policy: Policy, now: datetime) -> tuple[Walk, Verdict]:
    """Take in a page. `doubts` is how often this very request was asked again already."""
    leg = walk.leg
    if leg is None:
        raise ValueError("a walk without a leg takes no page")
    if doubts < policy.doubts and _doubtful(leg, seen):
        return walk, Verdict.ASK_AGAIN
    leg = _counted(leg, seen)
    walk = replace(walk, leg=leg)
    trouble = _trouble(leg, seen, policy)
    if trouble is not None:
        return suspect(walk, trouble, now), Verdict.STOP
    if seen.next_cursor is not None and not _look_is_over(walk, leg, seen, policy):
        return replace(walk, cursor=seen.next_cursor), Verdict.GO_ON
    walk = _ended(walk, leg, policy, now)
    return walk, Verdict.STOP if walk.leg is None else Verdict.GO_ON


def suspect(walk: Walk, reason: str, now: datetime) -> Walk:
    """The walk given up for now, with the reason that users see; it starts over later."""
    return replace(walk, phase=Phase.SUSPECT, leg=None, cursor=None, reason=reason, suspect_at=now)


def restarted(walk: Walk, policy: Policy, now: datetime) -> Walk:
    """The walk after the server refused its cursor: the cursor is dropped and the leg starts over, a bounded number
    of times."""
    if walk.leg is None:
        return walk
    if walk.restarts >= policy.restarts:
        return suspect(walk, "the server keeps refusing the cursors it gives", now)
    return replace(_start(walk, walk.leg.kind, walk.leg.sort, now), restarts=walk.restarts + 1)


def rewound(walk: Walk, start: Walk) -> Walk:
    """The walk set back to where a run began, under a leg number of its own so that the pages in between do not count
    as seen."""
    if start.leg is None:
        return start
    number = walk.legs + 1
    return replace(start, leg=replace(start.leg, number=number), legs=number)


def _start(walk: Walk, kind: LegKind, sort: Sort, now: datetime, cursor: str | None = None, offset: int = 0) -> Walk:
    number = walk.legs + 1
    return replace(walk, leg=Leg(kind, number, sort, now, offset=offset), legs=number, cursor=cursor)


def _doubtful(leg: Leg, seen: Seen) -> bool:
    """A page that a healthy walk does not meet: asked again before it is believed."""
    seen_before = seen.items > 0 and seen.new_to_leg == 0 and leg.stale_pages == 0
    return seen.cursor_known or seen_before or seen.problem is not None


def _counted(leg: Leg, seen: Seen) -> Leg:
    empty = seen.items == 0
    return replace(
        leg,
        pages=leg.pages + 1,
        offset=leg.offset + seen.items,
        unseen=leg.unseen + seen.unseen,
        gaps=leg.gaps + seen.gaps,
        known_pages=leg.known_pages + 1 if seen.unseen == 0 and seen.full else (leg.known_pages if empty else 0),
        stale_pages=0 if seen.new_to_leg else (leg.stale_pages if empty else leg.stale_pages + 1),
        empty_pages=leg.empty_pages + 1 if empty else 0,
        mentions=leg.mentions + seen.mentions,
        foreign=leg.foreign + seen.foreign,
        first_page=leg.first_page if leg.pages else seen.fingerprint,
        requested=(*leg.requested, seen.request_cursor)[-TAIL_LENGTH:],
    )


def _trouble(leg: Leg, seen: Seen, policy: Policy) -> str | None:
    """Why the leg cannot be trusted any further, or None."""
    if seen.cursor_known:
        return f"the cursor after page {leg.pages} was given before: the list runs in a circle"
    if seen.problem is not None:
        return f"the list breaks off after page {leg.pages}: {seen.problem}"
    # A route that changes within a walk may start it over from page 1 with cursors of another form, so as many
    # known pages as there were are allowed before nothing new means that nothing new comes.
    if leg.stale_pages > 0 and leg.stale_pages >= policy.stale_pages + (leg.pages - leg.stale_pages):
        return f"{leg.stale_pages} pages in a row brought no image that was not on an earlier page"
    if leg.empty_pages >= policy.empty_pages and seen.next_cursor is not None:
        return f"{leg.empty_pages} empty pages in a row, each promising another"
    at_end = seen.next_cursor is None
    enough = policy.scope_items_at_end if at_end else policy.scope_items
    if leg.mentions == 0 and leg.offset >= enough and leg.foreign * 2 >= leg.offset:
        return f"none of {leg.offset} images mentions this version: the server seems to ignore the filter"
    return None


def _look_is_over(walk: Walk, leg: Leg, seen: Seen, policy: Policy) -> bool:
    """Whether a look has met enough that is known. Never true for the other legs."""
    if leg.kind is not LegKind.LOOK:
        return False
    if leg.pages == 1 and seen.unseen == 0 and seen.fingerprint == walk.look_first_page:
        return True
    if leg.known_pages < policy.look_known_pages:
        return False
    if walk.looked_at is None or seen.oldest_created_at is None:
        return True
    return seen.oldest_created_at < walk.looked_at - policy.look_overlap


def _ended(walk: Walk, leg: Leg, policy: Policy, now: datetime) -> Walk:
    """The walk after a leg came to its end: the next leg, or a rest."""
    done = replace(walk, leg=None, cursor=None, reason=None, restarts=0)
    if leg.kind in {LegKind.DRAIN, LegKind.REPAIR}:
        return _drained(done, leg, now)
    if leg.kind is LegKind.TAIL:
        return _tail_ended(done, leg, policy, now)
    if leg.kind is LegKind.SWEEP:
        return _swept(done, leg, policy, now)
    looked = replace(done, looked_at=leg.started_at, look_first_page=leg.first_page)
    if leg.unseen:
        # Removals shift the pages of a list while it is read; the tail shows the same news from the other side.
        start = walk.tail[-1 - policy.tail_overlap] if len(walk.tail) > policy.tail_overlap else None
        return _start(looked, LegKind.TAIL, OLDEST, now, cursor=start)
    return looked


def _swept(done: Walk, leg: Leg, policy: Policy, now: datetime) -> Walk:
    swept = replace(done, looked_at=leg.started_at, look_first_page=leg.first_page)
    if leg.gaps and _at_ceiling(done.drained_items, policy) and _at_ceiling(leg.offset, policy):
        reason = f"both ends of the list stop after {leg.offset} images and do not meet: the search has a ceiling"
        return suspect(swept, reason, now)
    if leg.gaps and done.rounds < policy.rounds:
        dropping = leg.gaps > policy.dropping_share * done.drained_items
        again = _start(swept, LegKind.REPAIR if dropping else LegKind.DRAIN, OLDEST, now)
        return replace(again, phase=Phase.DRAINING, rounds=done.rounds + 1)
    return replace(swept, phase=Phase.FOLLOWING)


def _drained(done: Walk, leg: Leg, now: datetime) -> Walk:
    drained = replace(done, tail=leg.requested, drained_at=leg.started_at, drained_items=leg.offset)
    if done.phase is Phase.FOLLOWING and leg.gaps == 0:
        return replace(drained, looked_at=leg.started_at)
    return replace(drained, phase=Phase.CONFIRMING, end_seen_at=now)


def _tail_ended(done: Walk, leg: Leg, policy: Policy, now: datetime) -> Walk:
    start = done.tail.index(leg.requested[0]) if leg.requested[0] in done.tail else 0
    moved = replace(done, tail=(*done.tail[:start], *leg.requested)[-TAIL_LENGTH:])
    if done.phase is Phase.FOLLOWING:
        return moved
    if leg.gaps or done.end_seen_at is None:
        return replace(moved, end_seen_at=now)
    if (now - done.end_seen_at).total_seconds() < policy.confirm_after:
        return moved
    if done.rounds >= policy.rounds:
        return replace(moved, phase=Phase.FOLLOWING, looked_at=done.end_seen_at)
    return _start(moved, LegKind.SWEEP, NEWEST, now)


def _at_ceiling(items: int, policy: Policy) -> bool:
    """Whether a list ended within a page of a round number, as a search with a ceiling makes it."""
    return items > 0 and -items % policy.ceiling_step < policy.page_size
