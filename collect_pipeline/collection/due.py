"""Which followed versions want attention now, and how much: a walk of their own, or one look among many.

Reads the state and asks the source nothing, so it may be called every minute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collect_pipeline.collection.progress import read_walk
from collect_pipeline.collection.walk import Phase, Policy, Walk, drain_due, due_at
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import StateRow, read_states, read_versions


@dataclass(frozen=True)
class Plan:
    """Partition keys by what they want. `next_due` is when the next of the others comes up, None if none does."""

    walks: tuple[str, ...]
    looks: tuple[str, ...]
    followed: int
    next_due: datetime | None


def plan(warehouse: Warehouse, policy: Policy, now: datetime, browsing_level: int, everything: bool = False) -> Plan:
    """What is due now. With `everything`, versions that rest are looked at too, whatever their time."""
    with warehouse.transaction() as connection:
        versions = read_versions(connection)
        states = read_states(connection)
    walks, looks, later = [], [], []
    for version in versions:
        key = version.partition_key
        state = states.get(key)
        walk = read_walk(state) if state else None
        due = comes_up(state, walk, policy, browsing_level)
        if due is not None and due > now and not everything:
            later.append(due)
        elif walk is not None and _is_at_rest(walk, policy, now, browsing_level):
            looks.append(key)
        else:
            walks.append(key)
    return Plan(tuple(walks), tuple(looks), len(versions), min(later, default=None))


def in_turn(keys: Sequence[str], last: str | None) -> list[str]:
    """The keys in an order that goes on behind `last`, so that with a bound a tick everyone gets a turn."""
    ordered = sorted(keys)
    if last is None:
        return ordered
    return [key for key in ordered if key > last] + [key for key in ordered if key <= last]


def without(keys: Iterable[str], busy: Iterable[str]) -> list[str]:
    """The keys that nobody works on."""
    taken = set(busy)
    return [key for key in keys if key not in taken]


def comes_up(state: StateRow | None, walk: Walk | None, policy: Policy, browsing_level: int) -> datetime | None:
    """When a version comes up for continuous collection that asks for these levels; None means at once."""
    if state is None or walk is None:
        return None
    if state.status == "failed":
        return state.updated_at + timedelta(seconds=policy.retry_suspect_after)
    if browsing_level & ~walk.browsing_level:
        return None
    return due_at(walk, policy)


def _is_small(walk: Walk, policy: Policy) -> bool:
    """Whether the last drain had few pages, and was not of a part of a gallery that the search does not show whole."""
    return 0 < walk.drained_pages <= policy.round_pages and not walk.ceiling


def _is_at_rest(walk: Walk, policy: Policy, now: datetime, browsing_level: int) -> bool:
    """Whether a look will probably do, or the weekly walk over a gallery of a few pages."""
    return (
        walk.leg is None
        and walk.phase is Phase.FOLLOWING
        and (_is_small(walk, policy) or not drain_due(walk, policy, now))
        and not browsing_level & ~walk.browsing_level
    )
