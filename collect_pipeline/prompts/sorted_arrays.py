"""Sorted arrays of whole numbers: the stretches of equal values in them."""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]
"""Mostly several things packed into one number, the one that is sorted by first in the highest bits: sorting numbers is
several times faster than sorting rows."""
Flags = npt.NDArray[np.bool_]


def starts(*columns: npt.NDArray[np.integer]) -> Integers:
    """Where a new value begins, or a new combination of the values in several columns of one length."""
    return np.flatnonzero(_changes(*columns))


def distinct(numbers: Numbers) -> Numbers:
    """The numbers in ascending order, each once. Sorts them where they are, since memory costs time; `numpy.unique`
    takes many times as long (NumPy 2.4)."""
    numbers.sort()
    return numbers[_changes(numbers)]


def indices(first: Integers, sizes: Integers) -> Integers:
    """Of several stretches of an array, one after another: first [5, 9], sizes [2, 1] give [5, 6, 9]."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(first - before, sizes) + np.arange(sizes.sum())


def bits(numbers: Numbers, lowest: int, count: int) -> Numbers:
    """What is packed into these bits."""
    return numbers >> np.uint64(lowest) & np.uint64((1 << count) - 1)


def _changes(*columns: npt.NDArray[np.integer]) -> Flags:
    changed = np.zeros(columns[0].size, dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed
