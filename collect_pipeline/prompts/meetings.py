"""Who meets whom in the buckets of a MinHash index. Knows arrays only."""

from collections.abc import Iterator

import numpy as np

from collect_pipeline.prompts.minhash import BUCKET_BITS
from collect_pipeline.prompts.sorted_arrays import AT_ONCE, Integers, Numbers, distinct, indices, starts

Pairs = tuple[Integers, Integers]
_MEMBER_BITS = np.uint64(64 - BUCKET_BITS)
_MEMBER = np.uint64((1 << (64 - BUCKET_BITS)) - 1)
_PAIRS_AT_ONCE = 1 << 22


def meeting_keys(members: Integers, buckets: Integers) -> Numbers:
    """One number each for who is where: sorting these is several times faster than sorting by bucket.

    Members have at most `64 - BUCKET_BITS` bits, buckets at most `BUCKET_BITS`. The members may be broadcast to the
    array of buckets, which is overwritten.
    """
    keys = buckets.view(np.uint64)
    keys <<= _MEMBER_BITS
    keys |= members.astype(np.uint64)
    return keys.ravel()


def members_of(keys: Numbers) -> Integers:
    return (keys & _MEMBER).astype(np.int64)


def buckets_of(keys: Numbers) -> Integers:
    return (keys >> _MEMBER_BITS).astype(np.int64)


class Meetings:
    """The buckets in which two or more meet.

    Args:
        keys: who is where, as `meeting_keys` gives it. They are sorted where they are.
    """

    def __init__(self, keys: Numbers) -> None:
        keys.sort()
        met = np.zeros(keys.size, dtype=bool)
        for first in range(0, keys.size, AT_ONCE):
            bucket = keys[first : first + AT_ONCE + 1] >> _MEMBER_BITS
            same = bucket[1:] == bucket[:-1]
            met[first + 1 : first + 1 + same.size] |= same
            met[first : first + same.size] |= same
        self._members = members_of(keys[met])
        self._buckets = buckets_of(keys[met])

    def with_the_smallest(self) -> Pairs:
        """Every member of a bucket with its smallest, each pair once: 1,000 copies of one prompt give 1,000 pairs, not
        half a million."""
        if not self._members.size:
            return self._members, self._members
        first = starts(self._buckets)
        smallest = np.minimum.reduceat(self._members, first)
        one = np.repeat(smallest, np.diff(first, append=self._members.size))
        return _pairs(one, self._members)

    def between(self, groups: Integers, new_count: int) -> Iterator[Pairs]:
        """All pairs that meet and are not in one group, a few million at a time. One of the two, or both, is below
        `new_count`; `groups` has the group of a member."""
        if not self._members.size:
            return
        group = groups[self._members]
        first = starts(self._buckets)
        divided = np.minimum.reduceat(group, first) != np.maximum.reduceat(group, first)
        kept = np.repeat(divided, np.diff(first, append=group.size))
        members, buckets, group = self._members[kept], self._buckets[kept], group[kept]
        order = np.lexsort((group, buckets))
        members, buckets, group = members[order], buckets[order], group[order]
        # In a bucket, each is paired with all before and all after its own group.
        is_new = members < new_count
        first, own_first = _firsts(buckets)[is_new], _firsts(buckets, group)[is_new]
        own_end, end = _ends(buckets, group)[is_new], _ends(buckets)[is_new]
        one = np.tile(members[is_new], 2)
        others = np.append(first, own_end)
        sizes = np.append(own_first - first, end - own_end)
        for part in _parts(sizes):
            yield _pairs(np.repeat(one[part], sizes[part]), members[indices(others[part], sizes[part])])


def _firsts(*columns: Integers) -> Integers:
    """For each place where its value begins."""
    first = starts(*columns)
    return np.repeat(first, np.diff(first, append=columns[0].size))


def _ends(*columns: Integers) -> Integers:
    """For each place where its value ends."""
    ends = np.append(starts(*columns)[1:], columns[0].size)
    return np.repeat(ends, np.diff(ends, prepend=0))


def _parts(sizes: Integers) -> Iterator[slice]:
    """Parts of some million pairs."""
    total = np.cumsum(sizes)
    first = 0
    while first < sizes.size:
        before = total[first - 1] if first else 0
        end = max(first + 1, int(np.searchsorted(total, before + _PAIRS_AT_ONCE, side="right")))
        yield slice(first, end)
        first = end


def _pairs(one: Integers, other: Integers) -> Pairs:
    different = one != other
    low = np.minimum(one, other)[different].astype(np.uint64)
    high = np.maximum(one, other)[different].astype(np.uint64)
    pairs = distinct(low << np.uint64(32) | high)
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64((1 << 32) - 1)).astype(np.int64)
