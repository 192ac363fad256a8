"""Galleries that the search does not show to their end: noticed, and walked in parts that are short enough.

A search may stop after a number of hits, whatever it is asked for. Then the drain from one end and the sweep from
the other are equally long and have no image in common. The bits of the browsing level are disjoint, so are the
media types; each part is drained and swept like a gallery of its own.
"""

from dataclasses import replace
from datetime import datetime

from collect_pipeline.collection.steps import followed, start_leg, suspect
from collect_pipeline.collection.walk_state import OLDEST, Leg, LegKind, Part, Phase, Policy, Walk

_LEVELS = (1, 2, 4, 8, 16)


def is_cut_off(walk: Walk, sweep: Leg, policy: Policy) -> bool:
    """Whether a sweep that is over and the drain before it stopped at the same number and did not meet."""
    long_enough = sweep.offset >= policy.page_size // 2
    same = abs(walk.drained_items - sweep.offset) < policy.page_size
    return walk.drain_leg > 0 and sweep.met == 0 and long_enough and same


def stops_at_ceiling(walk: Walk, drain: Leg, policy: Policy) -> bool:
    """Whether a drain that is over stopped where the search is known to stop."""
    return walk.ceiling > 0 and abs(drain.offset - walk.ceiling) < policy.page_size


def cut(walk: Walk, items: int, now: datetime) -> Walk:
    """The walk that goes on with parts of what it could not see to the end, after `items` images."""
    finer = _finer(walk.scope)
    if not finer:
        return next_part(replace(walk, uncut=walk.uncut + 1), now)
    return next_part(replace(walk, ceiling=items, parts=(*finer, *walk.parts)), now)


def next_part(walk: Walk, now: datetime) -> Walk:
    """The walk with the next part to drain. After the last one it is complete, unless a part was too long as well."""
    if walk.parts:
        phase = walk.phase if walk.phase is Phase.FOLLOWING else Phase.DRAINING
        part = replace(walk, phase=phase, part=walk.parts[0], parts=walk.parts[1:])
        return start_leg(part, LegKind.DRAIN, OLDEST, now)
    if walk.uncut:
        reason = (
            f"the search stops after some {walk.ceiling} images at either end, and they do not meet: images between "
            "cannot be seen, not even by level and media type"
        )
        return suspect(walk, reason, now)
    return followed(replace(walk, part=None))


def _finer(part: Part) -> tuple[Part, ...]:
    levels = [level for level in _LEVELS if part.browsing_level & level]
    if len(levels) > 1:
        return tuple(Part(level) for level in levels)
    if part.media_type is None:
        level = part.browsing_level
        return Part(level, "image"), Part(level, "video"), Part(level, "audio")
    return ()
