"""What follows when a leg has come to its end: the next leg, a rest, or a walk in parts."""

from dataclasses import replace
from datetime import datetime

from collect_pipeline.collection.guards import ends_short
from collect_pipeline.collection.parts import cut, is_cut_off, next_part, stops_at_ceiling
from collect_pipeline.collection.steps import followed, start_leg
from collect_pipeline.collection.walk_state import NEWEST, OLDEST, TAIL_LENGTH, Leg, LegKind, Phase, Policy, Walk


def ended(walk: Walk, leg: Leg, policy: Policy, now: datetime) -> Walk:
    """The walk after a leg came to its end: the next leg, or a rest."""
    done = replace(walk, leg=None, cursor=None, reason=None, restarts=0)
    if leg.kind in {LegKind.DRAIN, LegKind.REPAIR}:
        return _drained(done, leg, policy, now)
    if leg.kind is LegKind.TAIL:
        return _tail_ended(done, leg, policy, now)
    if leg.kind is LegKind.SWEEP:
        return _swept(done, leg, policy, now)
    looked = replace(
        done,
        looked_at=leg.started_at,
        look_first_page=leg.first_page,
        meta_asked_until=leg.started_at - policy.meta_filled_after,
    )
    if leg.unseen:
        # Removals shift the pages of a list while it is read; the tail shows the same news from the other side.
        start = walk.tail[-1 - policy.tail_overlap] if len(walk.tail) > policy.tail_overlap else None
        return start_leg(looked, LegKind.TAIL, OLDEST, now, cursor=start)
    return looked


def _swept(done: Walk, leg: Leg, policy: Policy, now: datetime) -> Walk:
    if done.part is None:
        done = replace(done, looked_at=leg.started_at, look_first_page=leg.first_page)
    if is_cut_off(done, leg, policy):
        return cut(done, leg.offset, now)
    if done.part is not None:
        return next_part(done, now)
    if leg.gaps and done.rounds < policy.rounds:
        dropping = leg.gaps > policy.dropping_share * done.drained_items
        again = start_leg(done, LegKind.REPAIR if dropping else LegKind.DRAIN, OLDEST, now)
        return replace(again, phase=Phase.DRAINING, rounds=done.rounds + 1)
    if _is_to_be_waited_out(done, leg, policy):
        return _waiting(done, now)
    return followed(done)


def _drained(done: Walk, leg: Leg, policy: Policy, now: datetime) -> Walk:
    is_too_short = _is_to_be_waited_out(done, leg, policy)
    drained = replace(done, drain_leg=leg.number, drained_items=leg.offset, drained_pages=leg.pages)
    if done.part is not None:
        return start_leg(drained, LegKind.SWEEP, NEWEST, now)
    drained = replace(drained, tail=leg.requested, drained_at=leg.started_at)
    if stops_at_ceiling(done, leg, policy):
        return cut(replace(drained, looked_at=done.looked_at or leg.started_at), leg.offset, now)
    drained = replace(drained, ceiling=0)
    if is_too_short:
        return _waiting(drained, now)
    if done.phase is Phase.FOLLOWING and leg.gaps == 0:
        return replace(drained, looked_at=leg.started_at)
    return replace(drained, phase=Phase.CONFIRMING, end_seen_at=now)


def _is_to_be_waited_out(walk: Walk, leg: Leg, policy: Policy) -> bool:
    """A source in trouble ends its lists early; it gets time, but not for ever, since images may be gone, too."""
    return walk.short_ends < policy.short_ends and ends_short(walk, leg, policy)


def _waiting(walk: Walk, now: datetime) -> Walk:
    """The walk that asks for the end again later, and then goes over the whole gallery once more."""
    return replace(walk, phase=Phase.CONFIRMING, end_seen_at=now, short_ends=walk.short_ends + 1)


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
        return followed(replace(moved, looked_at=done.end_seen_at))
    return start_leg(moved, LegKind.SWEEP, NEWEST, now)
