"""Sorted arrays of whole numbers: the stretches of equal values in them."""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]
"""Mostly several things packed into one number, the one that is sorted by first in the highest bits: sorting numbers is
several times faster than sorting rows."""
Flags = npt.NDArray[np.bool_]

AT_ONCE = 1 << 18
"""So much of a big array is worked on at a time: what is made of it stays in a processor's cache, and memory that was
never used before costs more time than the work."""


def starts(*columns: npt.NDArray[np.integer]) -> Integers:
    """Where a new value begins, or a new combination of the values in several columns of one length."""
    changed = np.zeros(columns[0].size, dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def distinct(numbers: Numbers) -> Numbers:
    """The numbers in ascending order, each once, as a part of the given array, which is sorted and overwritten.

    `numpy.unique` takes many times as long (NumPy 2.4).
    """
    numbers.sort()
    count = 0
    for first in range(0, numbers.size, AT_ONCE):
        part = numbers[first : first + AT_ONCE]
        part = part[starts(part)]
        if count and part[0] == numbers[count - 1]:
            part = part[1:]
        numbers[count : count + part.size] = part
        count += part.size
    return numbers[:count]


def indices(first: Integers, sizes: Integers) -> Integers:
    """Of several stretches of an array, one after another: first [5, 9], sizes [2, 1] give [5, 6, 9]."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(first - before, sizes) + np.arange(sizes.sum())


def bits(numbers: Numbers, lowest: int, count: int) -> Numbers:
    """What is packed into these bits."""
    return numbers >> np.uint64(lowest) & np.uint64((1 << count) - 1)
