"""Which of the phrases that occur in a segment count. On arrays: windows in SQL cost several times as much."""

import duckdb
import numpy as np
import pandas as pd

from collect_pipeline.prompts.columns import columns
from collect_pipeline.prompts.sorted_arrays import Flags, Integers

# The kinds of phrases, as find_kinds.sql names them.
_MEANING, _NEGATION, _ALTERNATIVE = 1, 2, 3


def match(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Choose among the phrases in `found_kinds`, where segments are numbered as in `searched_segments`.

    A phrase that lies within another one does not count, even if that one says nothing where it stands.

    Returns:
        one row for each phrase that counts and means something: `segment_id`, `word_position`, `word_count`, `form_id`,
        and `negated`: whether the words before it turn it off.
    """
    (segment_ids,) = columns(connection, "SELECT segment_id FROM searched_segments ORDER BY segment_number")
    segment, position, count, form_id, kind = columns(
        connection, "SELECT segment_number, word_position, word_count, form_id, kind FROM found_kinds"
    )
    end = position + count
    # One number says where a phrase stands: segment after segment, from left to right, the longest first.
    width, longest = end.max(initial=0) + 1, count.max(initial=0)
    order = np.argsort((segment * width + position) * (longest + 1) + longest - count)
    furthest = np.maximum.accumulate(segment[order] * width + end[order])
    order = order[np.diff(furthest, prepend=-1) > 0]
    segment, position, count, form_id, kind, end = (
        column[order] for column in (segment, position, count, form_id, kind, end)
    )

    # A negation reaches the next phrase, over at most one unknown word; "or" hands it on to one phrase more.
    gap = position - _before(end, 1)
    negated = _follows(segment, kind, _NEGATION, 1) & (gap <= 1)
    negated |= _follows(segment, kind, _ALTERNATIVE, 1) & _follows(segment, kind, _NEGATION, 3) & (gap == 0)
    counts = kind == _MEANING
    return pd.DataFrame(
        {
            "segment_id": segment_ids[segment[counts]],
            "word_position": position[counts],
            "word_count": count[counts],
            "form_id": form_id[counts],
            "negated": negated[counts],
        }
    )


def _follows(segment: Integers, kind: Integers, wanted: int, distance: int) -> Flags:
    """Whether the phrase so many places before one, in the same segment, is of a kind."""
    same: Flags = (_before(kind, distance) == wanted) & (_before(segment, distance) == segment)
    return same


def _before(column: Integers, distance: int) -> Integers:
    """What stands so many places before; -1 before the first."""
    return np.concatenate([np.full(distance, -1, dtype=column.dtype), column])[: column.size]
