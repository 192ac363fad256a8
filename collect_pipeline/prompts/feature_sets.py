"""Many sets of numbers, and how much two of them have in common. Knows arrays only."""

import numpy as np
import numpy.typing as npt

from collect_pipeline.prompts.sorted_arrays import AT_ONCE, Flags, Integers, Numbers, distinct, indices, starts

FEATURE_BITS = 40
"""So much of a feature is looked at. That two of the features of a pair agree by chance is a matter of 1 in 10^9."""
_FEATURE = np.uint64((1 << FEATURE_BITS) - 1)
_OWNER = np.uint64(FEATURE_BITS)
_MOST_SETS = 1 << (64 - FEATURE_BITS)
_WORDS = 4
_PAIRS_AT_ONCE = 1 << 16


class FeatureSets:
    """Sets that are numbered from 0, each as a stretch of one sorted array.

    Args:
        keys: one number for each member of a set, in any order: `set << FEATURE_BITS | feature`. Repeats are dropped.
            The array is sorted and overwritten.
        count: how many sets there are; some may be empty.

    Raises:
        ValueError: more sets than have room in a key.
    """

    def __init__(self, keys: Numbers, count: int) -> None:
        if count >= _MOST_SETS:
            raise ValueError(f"{count:,} sets are more than can be compared at once")
        self.keys = distinct(keys)
        ends = np.searchsorted(self.keys, np.arange(1, count + 1, dtype=np.uint64) << _OWNER)
        self.sizes: Integers = np.diff(ends, prepend=0)
        self._starts: Integers = ends - self.sizes
        self._bits = self._sketches()

    def table(self, chosen: Integers, rows: int) -> npt.NDArray[np.uint32]:
        """The low 32 bits of the features of some sets: a column a set. A set of fewer features than there are rows
        repeats its last one; none may be empty."""
        within = np.minimum(np.arange(rows)[:, np.newaxis], self.sizes[chosen] - 1)
        features: npt.NDArray[np.uint32] = self.keys[self._starts[chosen] + within].astype(np.uint32)
        return features

    def similar(self, one: Integers, other: Integers, percent: Integers) -> Flags:
        """For each pair of sets whether their Jaccard similarity, computed exactly, is so many percent or more."""
        result = np.zeros(one.size, dtype=bool)
        for first in range(0, one.size, _PAIRS_AT_ONCE):
            part = slice(first, first + _PAIRS_AT_ONCE)
            result[part] = self._similar(one[part], other[part], percent[part])
        return result

    def _similar(self, one: Integers, other: Integers, percent: Integers) -> Flags:
        # Most pairs that meet do so by chance, and counting bits shows it. |A xor B| <= (1 - t) / (1 + t) * (|A| + |B|)
        # is the same as |A and B| / |A or B| >= t. No pair is lost: bits only ever underrate how much two sets differ.
        sizes = self.sizes[one] + self.sizes[other]
        difference = np.bitwise_count(self._bits[one] ^ self._bits[other]).sum(axis=1, dtype=np.int64)
        result: Flags = difference * (100 + percent) <= (100 - percent) * sizes
        possible = np.flatnonzero(result)
        shared = self._shared(one[possible], other[possible])
        result[possible] = 100 * shared >= percent[possible] * (sizes[possible] - shared)
        return result

    def _shared(self, one: Integers, other: Integers) -> Integers:
        """How many features the sets of each pair have in common."""
        keys = np.concatenate([self._renumbered_keys(one), self._renumbered_keys(other)])
        keys.sort()
        twice = keys[1:][keys[1:] == keys[:-1]]
        return np.bincount((twice >> _OWNER).astype(np.int64), minlength=one.size)

    def _renumbered_keys(self, chosen: Integers) -> Numbers:
        """The keys of these sets if they were numbered from 0."""
        sizes = self.sizes[chosen]
        owner = np.repeat(np.arange(chosen.size, dtype=np.uint64), sizes)
        return owner << _OWNER | self.keys[indices(self._starts[chosen], sizes)] & _FEATURE

    def _sketches(self) -> Numbers:
        """256 bits for each set, of which each feature sets one: sets that differ in n bits differ in n features or
        more."""
        bits = np.zeros(_WORDS * self.sizes.size, dtype=np.uint64)
        for start in range(0, self.keys.size, AT_ONCE):
            keys = self.keys[start : start + AT_ONCE]
            # The set and the highest bits of the feature name the word, so that a word's features are neighbours.
            word = keys >> np.uint64(FEATURE_BITS - 2)
            first = starts(word)
            bits[word[first]] |= np.bitwise_or.reduceat(np.uint64(1) << (keys & np.uint64(63)), first)
        return bits.reshape(-1, _WORDS)
