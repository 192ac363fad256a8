"""From the keywords of segments to the keywords of prompts. On arrays, since lists in SQL cost several times as much."""

from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]

_PROMPTS_AT_ONCE = 1 << 13
# What is sorted is packed into one number each, the part that decides first in the highest bits.
_POSITION_BITS, _SEGMENT_BITS = 18, 24
_CATEGORY_BITS, _KEYWORD_BITS, _PLACE_BITS = 4, 20, 19


class _Keywords(NamedTuple):
    """The keywords of segments: one segment after the other, each in order of place."""

    starts: Integers
    """Where a segment begins."""
    sizes: Integers
    keyword: Numbers
    """The category's id and the keyword's, packed."""
    has_weight: npt.NDArray[np.bool_]


class _Gathered(NamedTuple):
    """One row for each prompt and category, and how many keywords it has of the flat `keyword_id`."""

    number: Integers
    category_id: Integers
    weight: npt.NDArray[np.float64]
    sizes: Integers
    keyword_id: Integers


def gather(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """What is found in the prompts of the temporary table `pending_prompts`, by way of `pending_mentions` and
    `segment_keywords`.

    Returns:
        one row for each prompt and category: `prompt_id`, `category_id`, `keyword_ids` in order of first occurrence,
        and `weight`: how many of them have weight, 0.5 if none has. A prompt without keywords has the category 0.
    """
    (prompt_id,) = _columns(connection, "SELECT prompt_id FROM pending_prompts ORDER BY number")
    mentions, keywords = _mentions(connection)
    firsts = np.arange(0, prompt_id.size + 1, _PROMPTS_AT_ONCE)
    places = np.searchsorted(mentions, firsts.astype(np.uint64) << np.uint64(_POSITION_BITS + _SEGMENT_BITS))
    parts = [
        _gather(part, keywords, first) for first, part in zip(firsts, np.split(mentions, places[1:]), strict=True)
    ]
    found = _Gathered(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    without = np.flatnonzero(np.bincount(found.number, minlength=prompt_id.size) == 0)
    nothing = np.zeros(without.size, dtype=np.int32)
    ends = np.cumsum(np.append(found.sizes, nothing))
    return pa.table(
        {
            "prompt_id": prompt_id[np.append(found.number, without)],
            "category_id": np.append(found.category_id, nothing),
            "keyword_ids": pa.ListArray.from_arrays(np.append(0, ends).astype(np.int32), found.keyword_id),
            "weight": np.append(found.weight, nothing),
        }
    )


def _mentions(connection: duckdb.DuckDBPyConnection) -> tuple[Numbers, _Keywords]:
    """The keywords of segments, and the mentions of these segments in order of prompt and position."""
    segment_id, word_position, word_count, category_id, keyword_id, announces = _columns(
        connection,
        "SELECT segment_id, word_position, word_count, category_id, keyword_id, announces FROM segment_keywords "
        "ORDER BY segment_id, category_id, word_position",
    )
    # Phrases of one category that follow each other without a word between them ("ancient chinese temple") are one to a
    # reader: only the first of them has weight. "photo of" tells that something is shown; what it is has the weight.
    has_weight = ~announces
    has_weight[1:] &= ~(
        (segment_id[1:] == segment_id[:-1])
        & (category_id[1:] == category_id[:-1])
        & ~announces[:-1]
        & (word_position[1:] <= word_position[:-1] + word_count[:-1])
    )
    order = np.lexsort((word_position, segment_id))
    segment_ids, starts, sizes = np.unique(segment_id, return_index=True, return_counts=True)
    keyword = (category_id.astype(np.uint64) << np.uint64(_KEYWORD_BITS)) | keyword_id.astype(np.uint64)
    keywords = _Keywords(starts, sizes, keyword[order], has_weight[order])

    segments = pd.DataFrame({"segment_id": segment_ids, "segment": np.arange(segment_ids.size)})
    connection.register("keyword_segments", segments)
    (mentions,) = _columns(
        connection,
        f"SELECT (number::UBIGINT << {_POSITION_BITS + _SEGMENT_BITS}) "
        f"| (least(position, {(1 << _POSITION_BITS) - 1})::UBIGINT << {_SEGMENT_BITS}) | segment::UBIGINT "
        "FROM pending_mentions JOIN keyword_segments USING (segment_id)",
    )
    connection.unregister("keyword_segments")
    return np.sort(mentions), keywords


def _gather(mentions: Numbers, keywords: _Keywords, first_number: int) -> _Gathered:
    """The keywords of some prompts, whose numbers start at `first_number`."""
    segment = _bits(mentions, 0, _SEGMENT_BITS).astype(np.int64)
    sizes = keywords.sizes[segment]
    number = np.repeat((mentions >> np.uint64(_POSITION_BITS + _SEGMENT_BITS)) - np.uint64(first_number), sizes)
    found = np.repeat(keywords.starts[segment] - (np.cumsum(sizes) - sizes), sizes) + np.arange(number.size)
    place = np.arange(number.size) - np.searchsorted(number, number)
    place = np.minimum(place, (1 << _PLACE_BITS) - 1).astype(np.uint64)

    # Sorted by prompt, category, keyword and place, the first of equal keywords is where it is found first.
    keys = number << np.uint64(_CATEGORY_BITS + _KEYWORD_BITS) | keywords.keyword[found]
    keys = keys << np.uint64(_PLACE_BITS + 1) | place << np.uint64(1) | keywords.has_weight[found].astype(np.uint64)
    keys.sort()
    starts = _starts(keys >> np.uint64(_PLACE_BITS + 1))
    weighty = np.bitwise_or.reduceat(keys & np.uint64(1), starts) if starts.size else keys
    keys = keys[starts]

    # And now by prompt, category and place.
    group = keys >> np.uint64(_KEYWORD_BITS + _PLACE_BITS + 1)
    keyword_id = _bits(keys, _PLACE_BITS + 1, _KEYWORD_BITS)
    place = _bits(keys, 1, _PLACE_BITS)
    keys = (group << np.uint64(_PLACE_BITS) | place) << np.uint64(_KEYWORD_BITS) | keyword_id
    keys = keys << np.uint64(1) | weighty
    keys.sort()
    group = keys >> np.uint64(_KEYWORD_BITS + _PLACE_BITS + 1)
    starts = _starts(group)
    weight = np.add.reduceat(keys & np.uint64(1), starts) if starts.size else keys
    return _Gathered(
        number=(group[starts] >> np.uint64(_CATEGORY_BITS)).astype(np.int64) + first_number,
        category_id=_bits(group[starts], 0, _CATEGORY_BITS).astype(np.int32),
        weight=np.maximum(0.5, weight),
        sizes=np.diff(starts, append=keys.size),
        keyword_id=_bits(keys, 1, _KEYWORD_BITS).astype(np.int32),
    )


def _bits(numbers: Numbers, first: int, count: int) -> Numbers:
    return numbers >> np.uint64(first) & np.uint64((1 << count) - 1)


def _starts(values: Numbers) -> Integers:
    """Where a new value begins."""
    return np.flatnonzero(np.append(values[:1] >= 0, values[1:] != values[:-1]))


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[np.ndarray]:
    return list(connection.execute(query).fetchnumpy().values())
