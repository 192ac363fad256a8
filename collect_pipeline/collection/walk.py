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

A gallery that the search does not show to its end is drained and swept in parts (`parts`).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from collect_pipeline.collection.endings import ended
from collect_pipeline.collection.guards import ends_short, is_doubtful, trouble_with
from collect_pipeline.collection.steps import start_leg, suspect
from collect_pipeline.collection.walk_state import (
    NEWEST,
    OLDEST,
    TAIL_LENGTH,
    Leg,
    LegKind,
    Part,
    Phase,
    Policy,
    Seen,
    Sort,
    Verdict,
    Walk,
    new_walk,
)

__all__ = [
    "NEWEST",
    "OLDEST",
    "Leg",
    "LegKind",
    "Part",
    "Phase",
    "Policy",
    "Seen",
    "Sort",
    "Verdict",
    "Walk",
    "advance",
    "at_level",
    "begin",
    "drain",
    "drain_due",
    "due_at",
    "gap_before",
    "look_back",
    "new_walk",
    "restarted",
    "rewound",
    "suspect",
    "sweep",
]


def begin(walk: Walk, policy: Policy, now: datetime) -> Walk:
    """The walk with a leg to follow: the one under way, or the next that makes sense."""
    if walk.leg is not None:
        return walk
    if walk.phase is Phase.CONFIRMING:
        return start_leg(walk, LegKind.TAIL, OLDEST, now, cursor=walk.tail[-1] if walk.tail else None)
    if walk.phase is Phase.FOLLOWING and not drain_due(walk, policy, now):
        return start_leg(walk, LegKind.LOOK, NEWEST, now)
    return drain(walk, now)


def drain(walk: Walk, now: datetime, sort: Sort = OLDEST, cursor: str | None = None, offset: int = 0) -> Walk:
    """The walk with a fresh drain from the first page, or from a cursor that the caller knows to be `offset` items
    behind it."""
    phase = walk.phase if walk.phase is Phase.FOLLOWING else Phase.DRAINING
    fresh = start_leg(walk, LegKind.DRAIN, sort, now, cursor=cursor, offset=offset)
    return replace(
        fresh, phase=phase, rounds=1, part=None, parts=(), uncut=0, short_ends=0, reason=None, suspect_at=None
    )


def sweep(walk: Walk, now: datetime) -> Walk:
    """The walk with the whole list once from the other end, without waiting for the end to be confirmed."""
    return start_leg(walk, LegKind.SWEEP, NEWEST, now)


def at_level(walk: Walk, browsing_level: int) -> Walk:
    """The walk for another mask of browsing levels. A cursor of the old mask means nothing under the new one, and
    levels not collected before have to be drained."""
    if browsing_level == walk.browsing_level:
        return walk
    widened = browsing_level & ~walk.browsing_level
    if walk.leg is None and not widened:
        return replace(walk, browsing_level=browsing_level, look_first_page=None)
    return replace(
        walk,
        browsing_level=browsing_level,
        phase=Phase.DRAINING,
        leg=None,
        cursor=None,
        tail=(),
        part=None,
        parts=(),
        uncut=0,
        ceiling=0,
        look_first_page=None,
    )


def due_at(walk: Walk, policy: Policy) -> datetime | None:
    """When continuous collection should go on with it; None means at once."""
    if walk.leg is not None or walk.phase is Phase.DRAINING:
        return None
    if walk.phase is Phase.CONFIRMING and walk.end_seen_at is not None:
        return walk.end_seen_at + timedelta(seconds=policy.confirm_after)
    if walk.phase is Phase.SUSPECT and walk.suspect_at is not None:
        wait = policy.retry_suspect_after * 2 ** max(0, walk.suspicions - 1)
        return walk.suspect_at + timedelta(seconds=min(wait, policy.retry_suspect_at_most))
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
    counted = _counted(leg, seen)
    is_short = seen.next_cursor is None and ends_short(walk, counted, policy)
    if doubts < policy.doubts and (is_doubtful(leg, seen) or is_short):
        return walk, Verdict.ASK_AGAIN
    walk = replace(walk, leg=counted)
    trouble = trouble_with(counted, seen, policy)
    if trouble is not None:
        return suspect(walk, trouble, now), Verdict.STOP
    if seen.next_cursor is not None and not _look_is_over(walk, counted, seen, policy):
        return replace(walk, cursor=seen.next_cursor), Verdict.GO_ON
    walk = ended(walk, counted, policy, now)
    return walk, Verdict.STOP if walk.leg is None else Verdict.GO_ON


def look_back(walk: Walk, down_to: datetime) -> Walk:
    """The walk whose look, if one begins now, goes on to the images published at `down_to`."""
    if walk.leg is None or walk.leg.kind is not LegKind.LOOK or walk.leg.pages:
        return walk
    return replace(walk, leg=replace(walk.leg, down_to=down_to))


def restarted(walk: Walk, policy: Policy, now: datetime) -> Walk:
    """The walk after the server refused its cursor: the cursor is dropped and the leg starts over, a bounded number
    of times."""
    if walk.leg is None:
        return walk
    if walk.restarts >= policy.restarts:
        return suspect(walk, "the server keeps refusing the cursors it gives", now)
    return replace(start_leg(walk, walk.leg.kind, walk.leg.sort, now), restarts=walk.restarts + 1)


def rewound(walk: Walk, start: Walk) -> Walk:
    """The walk set back to where a run began, under a leg number of its own so that the pages in between do not count
    as seen."""
    if start.leg is None:
        return start
    number = walk.legs + 1
    return replace(start, leg=replace(start.leg, number=number), legs=number)


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
        met=leg.met + seen.met,
        first_page=leg.first_page if leg.pages else seen.fingerprint,
        requested=(*leg.requested, seen.request_cursor)[-TAIL_LENGTH:],
    )


def _look_is_over(walk: Walk, leg: Leg, seen: Seen, policy: Policy) -> bool:
    """Whether a look has met enough that is known. Never true for the other legs."""
    if leg.kind is not LegKind.LOOK:
        return False
    if leg.down_to is not None and leg.pages < policy.look_back_pages:
        seen_far_enough = seen.oldest_created_at is not None and seen.oldest_created_at <= leg.down_to
        if not seen_far_enough:
            return False
    if leg.pages == 1 and seen.unseen == 0 and seen.fingerprint == walk.look_first_page:
        return True
    if leg.known_pages < policy.look_known_pages:
        return False
    if walk.looked_at is None or seen.oldest_created_at is None:
        return True
    return seen.oldest_created_at < walk.looked_at - policy.look_overlap
