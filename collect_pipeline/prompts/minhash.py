"""MinHash signatures, folded into buckets: similar sets are likely to share one.

Broder 1997; banding after Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3. The buckets are
stored in `prompt_bands` and compared with later ones, so what is computed here never changes without a migration that
empties that table.
"""

import hashlib
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from collect_pipeline.prompts.feature_sets import FeatureSets
from collect_pipeline.prompts.sorted_arrays import Integers


class Shape(NamedTuple):
    """Of a signature: so many bands of so many rows.

    The chance that two sets share a bucket is at least `1 - (1 - similarity ** rows) ** bands`.
    """

    rows: int
    bands: int


BUCKET_BITS = 40
_BUCKET = (1 << BUCKET_BITS) - 1
# Few enough to stay in a processor's cache.
_FEATURES_AT_ONCE = 1 << 18


def buckets(sets: FeatureSets, chosen: Integers, shape: Shape, out: Integers | None = None) -> Integers:
    """The buckets of the chosen sets, none of them empty: an array of one row a set and one column a band, `out` if it
    is given."""
    result = np.empty((chosen.size, shape.bands), dtype=np.int64) if out is None else out
    # Sets of about one size make a table, of which all minima are taken at once.
    by_size = np.argsort(-sets.sizes[chosen])
    first = 0
    while first < chosen.size:
        largest = int(sets.sizes[chosen[by_size[first]]])
        part = by_size[first : first + max(1, _FEATURES_AT_ONCE // largest)]
        features = sets.table(chosen[part], largest)
        for band in range(shape.bands):
            result[part, band] = _bucket(features, shape, band)
        first += part.size
    return result


def _bucket(features: npt.NDArray[np.uint32], shape: Shape, band: int) -> Integers:
    """One band of the sets that are the columns of `features`.

    A band has one hash of the feature, a multiplication modulo 2^32 with an odd random factor. Its rows are minima of
    that hash in orders that an XOR with a random number gives. Such orders are not independent, so that a band says
    somewhat more often than `similarity ** rows` that two sets agree, never less often. In exchange a row costs little.
    """
    hashes = features * np.uint32(_number(f"band {band}") | 1)
    bucket = np.zeros(features.shape[1], dtype=np.int64)
    for row in range(shape.rows * band, shape.rows * (band + 1)):
        minima = (hashes ^ np.uint32(_number(f"row {row}") << 1)).min(axis=0)
        bucket ^= minima.astype(np.int64) * (_number(f"band of {shape.rows}, row {row}") | 1)
    return bucket & _BUCKET


@cache
def _number(name: str) -> int:
    """A random-looking number below 2^31 that is the same for ever."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1
