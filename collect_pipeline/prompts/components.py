"""Connected components of a graph. Knows arrays only."""

import numpy as np

from collect_pipeline.prompts.sorted_arrays import Integers


def smallest_connected(count: int, one: Integers, other: Integers) -> Integers:
    """For each of `count` nodes the smallest node that the edges `one`-`other` connect it with, in any number of steps.

    Neighbours take over the smaller root of the two, and roots follow their own roots, until nothing changes.
    """
    roots = np.arange(count)
    while True:
        smaller = np.minimum(roots[one], roots[other])
        found = roots.copy()
        for ends in (one, other):
            np.minimum.at(found, ends, smaller)
            np.minimum.at(found, roots[ends], smaller)
        found = found[found]
        if np.array_equal(found, roots):
            return roots
        roots = found
