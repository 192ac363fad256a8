"""The elementary steps of a walk: begin a leg, give up, be complete."""

from dataclasses import replace
from datetime import datetime

from collect_pipeline.collection.walk_state import Leg, LegKind, Phase, Sort, Walk


def start_leg(walk: Walk, kind: LegKind, sort: Sort, now: datetime, cursor: str | None = None, offset: int = 0) -> Walk:
    """The walk with a fresh leg, from the first page or from a cursor that is `offset` items behind it."""
    number = walk.legs + 1
    return replace(walk, leg=Leg(kind, number, sort, now, offset=offset), legs=number, cursor=cursor)


def suspect(walk: Walk, reason: str, now: datetime) -> Walk:
    """The walk given up for now, with the reason that users see; it starts over later."""
    return replace(
        walk,
        phase=Phase.SUSPECT,
        leg=None,
        cursor=None,
        part=None,
        parts=(),
        uncut=0,
        reason=reason,
        suspect_at=now,
        suspicions=walk.suspicions + 1,
    )


def followed(walk: Walk) -> Walk:
    """The walk that is complete and from now on only looks for news."""
    return replace(walk, phase=Phase.FOLLOWING, suspicions=0, short_ends=0)
