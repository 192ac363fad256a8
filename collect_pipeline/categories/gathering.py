"""From the keywords of segments to the keywords, weights, NSFW level and primary category of prompts.

On arrays: lists in SQL cost several times as much.
"""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from collect_pipeline.prompts.columns import columns
from collect_pipeline.prompts.sorted_arrays import Flags, Integers, Numbers, bits, indices, starts

# Mentions are read for so many prompts at once, and worked on for so many as stay in a processor's cache.
_PROMPTS_READ = 1 << 20
_PROMPTS_AT_ONCE = 1 << 13
# How many bits each has where several are packed into one number. A prompt of more segments or keywords than fit into
# _POSITION or _PLACE loses the order of the last ones, nothing else.
_POSITION, _SEGMENT = 18, 26
_CATEGORY, _KEYWORD, _PLACE = 8, 24, 18


class _Keywords(NamedTuple):
    """The keywords of segments: one segment after the other, each in order of place."""

    first: Integers
    """Where a segment begins."""
    sizes: Integers
    keyword: Numbers
    """The category's id and the keyword's, packed."""
    has_weight: Flags
    level: npt.NDArray[np.int8]
    """One for each segment: the highest NSFW level of its keywords, 0 for none."""


class _Part(NamedTuple):
    """Of some thousand prompts one row for each prompt and category, in order of both, and how many keywords it has of
    the flat `keyword_id`."""

    # There are millions of rows, so all are as narrow as they can be: memory costs time.
    number: npt.NDArray[np.int32]
    category_id: npt.NDArray[np.uint8]
    weight: npt.NDArray[np.float32]
    level: npt.NDArray[np.int8]
    sizes: npt.NDArray[np.int32]
    keyword_id: npt.NDArray[np.int32]


class Gathered:
    """What is found in the prompts of the temporary table `pending_prompts`, by way of `pending_mentions` and
    `segment_keywords`. A prompt without keywords has the category 0."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        (self._prompt_id,) = columns(connection, "SELECT prompt_id FROM pending_prompts ORDER BY number")
        segment_ids, keywords = _segment_keywords(connection)
        connection.register(
            "keyword_segments", pd.DataFrame({"segment_id": segment_ids, "segment_number": np.arange(segment_ids.size)})
        )
        mentions = _mentions(connection, self._prompt_id.size)
        self._parts = [_part(first, some_mentions, keywords) for first, some_mentions in mentions]
        connection.unregister("keyword_segments")
        is_found = np.zeros(self._prompt_id.size, dtype=bool)
        for part in self._parts:
            is_found[part.number] = True
        self._parts.append(_without_keywords(np.flatnonzero(~is_found)))

    def counts(self) -> pd.DataFrame:
        """How many `prompts` there are of each `category_id`."""
        counts = np.zeros(1 << _CATEGORY, dtype=np.int64)
        for part in self._parts:
            counts += np.bincount(part.category_id, minlength=counts.size)
        category_id = np.flatnonzero(counts)
        return pd.DataFrame({"category_id": category_id, "prompts": counts[category_id]})

    def table(self, ranks: Integers) -> pa.Table:
        """One row for each prompt and category.

        Args:
            ranks: of the categories, by their ids, from rare to common.

        Returns:
            `prompt_id`, `category_id`, `keyword_ids` in order of first occurrence, `weight`: how many of them have
            weight, 0.5 if none has; `is_primary`: whether it is the category of most weight, the rarer one of two; and
            `level`: the highest NSFW level in the prompt, 0 for none.
        """
        is_primary = np.concatenate([_is_primary(part, ranks) for part in self._parts])
        rows = _Part(*(np.concatenate(column) for column in zip(*self._parts, strict=True)))
        return pa.table(
            {
                "prompt_id": self._prompt_id[rows.number],
                "category_id": rows.category_id,
                "keyword_ids": pa.LargeListArray.from_arrays(np.append(0, np.cumsum(rows.sizes)), rows.keyword_id),
                "weight": rows.weight,
                "is_primary": is_primary,
                "level": rows.level,
            }
        )


def _segment_keywords(connection: duckdb.DuckDBPyConnection) -> tuple[Integers, _Keywords]:
    """The ids of the segments that have keywords, in ascending order, and these."""
    segment_id, word_position, word_count, category_id, keyword_id, announces, level = columns(
        connection,
        "SELECT segment_id, word_position, word_count, category_id, keyword_id, announces, level FROM segment_keywords "
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
    first = starts(segment_id)
    if first.size >> _SEGMENT or np.any(category_id >> _CATEGORY) or np.any(keyword_id >> _KEYWORD):
        raise OverflowError("more segments, categories or phrases than can be gathered at once")
    keyword = category_id.astype(np.uint64) << np.uint64(_KEYWORD) | keyword_id.astype(np.uint64)
    sizes = np.diff(first, append=segment_id.size)
    highest = np.maximum.reduceat(level, first) if first.size else level
    return segment_id[first], _Keywords(first, sizes, keyword[order], has_weight[order], highest)


def _mentions(connection: duckdb.DuckDBPyConnection, count: int) -> Iterator[tuple[int, Numbers]]:
    """The mentions of segments that have keywords, some thousand of the `count` prompts at a time: the number of the
    first prompt, and numbers that start with how far a prompt is from that, in order of prompt and position."""
    for first_read in range(0, count, _PROMPTS_READ):
        (mentions,) = columns(
            connection,
            f"SELECT ((number - {first_read})::UBIGINT << {_POSITION + _SEGMENT}) "  # noqa: S608 - numbers of ours
            f"| (least(position, {(1 << _POSITION) - 1})::UBIGINT << {_SEGMENT}) | segment_number::UBIGINT "
            "FROM pending_mentions JOIN keyword_segments USING (segment_id) "
            f"WHERE number BETWEEN {first_read} AND {first_read + _PROMPTS_READ - 1}",
        )
        mentions.sort()
        firsts = np.arange(0, _PROMPTS_READ, _PROMPTS_AT_ONCE, dtype=np.uint64) << np.uint64(_POSITION + _SEGMENT)
        parts = np.split(mentions, np.searchsorted(mentions, firsts[1:]))
        for first, part in zip(firsts, parts, strict=True):
            if part.size:
                yield first_read + int(first >> np.uint64(_POSITION + _SEGMENT)), part - first


def _part(first_number: int, mentions: Numbers, keywords: _Keywords) -> _Part:
    segment = bits(mentions, 0, _SEGMENT).astype(np.int64)
    sizes = keywords.sizes[segment]
    mentioned_by = mentions >> np.uint64(_POSITION + _SEGMENT)
    number = np.repeat(mentioned_by, sizes)
    found = indices(keywords.first[segment], sizes)
    first = starts(number)
    places = np.arange(number.size) - np.repeat(first, np.diff(first, append=number.size))
    place = np.minimum(places, (1 << _PLACE) - 1).astype(np.uint64)

    # Sorted by prompt, category, keyword and place, the first of equal keywords is where it is found first.
    keys = number << np.uint64(_CATEGORY + _KEYWORD) | keywords.keyword[found]
    keys = keys << np.uint64(_PLACE) | place
    keys = keys << np.uint64(1) | keywords.has_weight[found]
    keys.sort()
    first = starts(keys >> np.uint64(_PLACE + 1))
    has_weight = np.bitwise_or.reduceat(bits(keys, 0, 1), first)
    keys = keys[first]

    # And now by prompt, category and place.
    keys = (
        keys >> np.uint64(_KEYWORD + _PLACE + 1) << np.uint64(_PLACE + _KEYWORD + 1)
        | bits(keys, 1, _PLACE) << np.uint64(_KEYWORD + 1)
        | bits(keys, _PLACE + 1, _KEYWORD) << np.uint64(1)
        | has_weight
    )
    keys.sort()
    group = keys >> np.uint64(_PLACE + _KEYWORD + 1)
    first = starts(group)
    row_number = (group[first] >> np.uint64(_CATEGORY)).astype(np.int32)
    # Every prompt that is mentioned has a keyword, hence a row: both are in order of the prompts.
    first_mention, first_row = starts(mentioned_by), starts(row_number)
    level = np.maximum.reduceat(keywords.level[segment], first_mention)
    return _Part(
        number=row_number + np.int32(first_number),
        category_id=bits(group[first], 0, _CATEGORY).astype(np.uint8),
        weight=np.maximum(0.5, np.add.reduceat(bits(keys, 0, 1), first).astype(np.float32)),
        level=np.repeat(level, np.diff(first_row, append=row_number.size)),
        sizes=np.diff(first, append=keys.size).astype(np.int32),
        keyword_id=bits(keys, 1, _KEYWORD).astype(np.int32),
    )


def _is_primary(part: _Part, ranks: Integers) -> Flags:
    """For each row whether it comes first in its prompt, by weight and then by rank; choose_primary.sql does alike."""
    precedence = 1000 * part.weight.astype(np.float64) - ranks[part.category_id]
    first = starts(part.number)
    if not first.size:
        return np.zeros(0, dtype=bool)
    highest = np.maximum.reduceat(precedence, first)
    is_primary: Flags = precedence == np.repeat(highest, np.diff(first, append=precedence.size))
    return is_primary


def _without_keywords(numbers: Integers) -> _Part:
    return _Part(
        number=numbers.astype(np.int32),
        category_id=np.zeros(numbers.size, dtype=np.uint8),
        weight=np.zeros(numbers.size, dtype=np.float32),
        level=np.zeros(numbers.size, dtype=np.int8),
        sizes=np.zeros(numbers.size, dtype=np.int32),
        keyword_id=np.zeros(0, dtype=np.int32),
    )
