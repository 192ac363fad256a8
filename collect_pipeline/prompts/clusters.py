"""Near-duplicates: which prompts say almost the same. Knows `prompts`, `prompt_segments` and its own `prompt_bands`.

Two prompts are near-duplicates when the Jaccard similarity of their features reaches a threshold and they meet in a
bucket of a MinHash index. A cluster is a connected component of such pairs. Whether a pair counts depends on these two
prompts alone, so the clusters depend neither on the order of arrival nor on how the prompts were batched.

A tag prompt is compared by its set of segments, threshold 0.8. A prose prompt (five words a segment or more) is
compared by its shingles of three words, threshold 0.35: replacing one sentence of three leaves a similarity of about
0.4, while unrelated descriptions share next to nothing. A pair of one of each kind is never compared.

SQL says who is compared and by what; the comparing itself is done on arrays, several times cheaper than in SQL.
"""

from importlib import resources
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from collect_pipeline.prompts.columns import columns
from collect_pipeline.prompts.components import smallest_connected
from collect_pipeline.prompts.feature_sets import FEATURE_BITS, FeatureSets
from collect_pipeline.prompts.meetings import Meetings, buckets_of, meeting_keys, members_of
from collect_pipeline.prompts.minhash import BUCKET_BITS, Shape, buckets
from collect_pipeline.prompts.sorted_arrays import Flags, Integers, Numbers

_TAG_PERCENT, _PROSE_PERCENT = 80, 35
# Tags meet with a chance of 0.94 at a similarity of 0.8, and of 0.99 at 0.85. Prose: 0.86 at 0.5, 0.98 at 0.6; prose
# prompts that share two sentences meet in any case. Fewer rows would make more chance meetings, whose number grows with
# the square of the number of prompts.
_TAGS = Shape(rows=7, bands=12)
_PROSE = Shape(rows=4, bands=30)
# What bounds the memory.
_PROMPTS_AT_ONCE = 1_000_000
_KEYS_AT_ONCE = 1 << 20


class _Members(NamedTuple):
    """Those that are compared, by their numbers; the new prompts come first."""

    prompt_id: Integers
    is_prose: Flags
    cluster_id: Integers


def update_clusters(connection: duckdb.DuckDBPyConnection) -> int:
    """Let the prompts of the temporary tables `new_prompt`, `new_prompt_text`, `new_prompt_segment` and
    `new_prompt_segment_text` join the clusters.

    They must be in `prompts` and `prompt_segments` already, each with its own id as `cluster_id`. Returns the number
    of clusters, among those that the new prompts are now in, that hold two prompts or more. If a migration has emptied
    the index, all prompts join anew.
    """
    if _index_is_lost(connection):
        _run(connection, "clusters_renew.sql")
    ((count,),) = connection.sql("SELECT count(*) FROM new_prompt").fetchall()
    if not count:
        return 0
    for first in range(0, count, _PROMPTS_AT_ONCE):
        _join(connection, first, first + _PROMPTS_AT_ONCE - 1)
    ((count,),) = connection.sql(
        "SELECT count(*) FROM (SELECT cluster_id FROM prompts "
        "SEMI JOIN (SELECT cluster_id FROM prompts SEMI JOIN new_prompt USING (prompt_id)) USING (cluster_id) "
        "GROUP BY cluster_id HAVING count(*) > 1)"
    ).fetchall()
    return int(count)


def _join(connection: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """Let the new prompts with these numbers join."""
    for name, value in (
        ("first_number", first),
        ("last_number", last),
        ("feature_bits", FEATURE_BITS),
        ("bucket_bits", BUCKET_BITS),
    ):
        connection.execute(f"SET VARIABLE {name} = {value}")
    _run(connection, "clusters_index.sql")
    new = _members(connection)
    sets = FeatureSets(_column(connection, "SELECT key FROM new_feature"), new.is_prose.size)
    keys = _meeting_keys(connection, sets, new.is_prose)
    _store_bands(connection, new, keys)

    _run(connection, "clusters_meet.sql")
    members = _members(connection)
    if members.is_prose.size > new.is_prose.size:
        features = np.append(sets.keys, _column(connection, "SELECT key FROM old_feature"))
        sets = FeatureSets(features, members.is_prose.size)
        keys = np.append(keys, meeting_keys(*columns(connection, "SELECT number, bucket FROM met_band")))
    _move(connection, _moved(members, sets, Meetings(keys), new.is_prose.size))


def _meeting_keys(connection: duckdb.DuckDBPyConnection, sets: FeatureSets, is_prose: Flags) -> Numbers:
    """Which new prompt is in which bucket."""
    sentences = meeting_keys(*columns(connection, "SELECT number, bucket FROM sentence_bucket"))
    kinds = [
        (shape, np.flatnonzero(of_kind & (sets.sizes > 0)))
        for shape, of_kind in ((_TAGS, ~is_prose), (_PROSE, is_prose))
    ]
    keys = np.empty(sentences.size + sum(shape.bands * numbers.size for shape, numbers in kinds), dtype=np.uint64)
    keys[: sentences.size] = sentences
    first = sentences.size
    for shape, numbers in kinds:
        end = first + shape.bands * numbers.size
        # Worked out where they will stay: the memory for it twice would cost more than the work.
        places = keys[first:end].view(np.int64).reshape(numbers.size, shape.bands)
        meeting_keys(numbers[:, np.newaxis], buckets(sets, numbers, shape, out=places))
        first = end
    return keys


def _store_bands(connection: duckdb.DuckDBPyConnection, new: _Members, keys: Numbers) -> None:
    """Find those in the same buckets who were there before, then keep the buckets of the new prompts."""
    parts = [keys[first : first + _KEYS_AT_ONCE] for first in range(0, keys.size, _KEYS_AT_ONCE)]
    connection.execute("CREATE OR REPLACE TEMP TABLE old_band AS FROM prompt_bands LIMIT 0")
    find = ["INSERT INTO old_band FROM prompt_bands SEMI JOIN new_band USING (bucket)"]
    keep = ["INSERT INTO prompt_bands BY NAME FROM new_band"]
    for statement in (find if _any(connection, "FROM prompt_bands") else []) + keep:
        for part in parts:
            numbers = members_of(part)
            band = {"prompt_id": new.prompt_id[numbers], "is_prose": new.is_prose[numbers], "bucket": buckets_of(part)}
            connection.register("new_band", pd.DataFrame(band, copy=False))
            connection.execute(statement)
    connection.unregister("new_band")


def _moved(members: _Members, sets: FeatureSets, meetings: Meetings, new_count: int) -> pd.DataFrame:
    """The clusters that become part of another one: `cluster_id`, and the `root` that takes its place."""
    cluster_ids, cluster = np.unique(members.cluster_id, return_inverse=True)
    roots = np.arange(cluster_ids.size)

    def unite(one: Integers, other: Integers) -> None:
        nonlocal roots
        comparable = members.is_prose[one] == members.is_prose[other]
        one, other = one[comparable], other[comparable]
        percent = np.where(members.is_prose[one], _PROSE_PERCENT, _TAG_PERCENT)
        similar = sets.similar(one, other, percent)
        one, other = roots[cluster[one[similar]]], roots[cluster[other[similar]]]
        roots = smallest_connected(roots.size, one, other)[roots]

    # Everybody with the smallest of a bucket, which is new, links nearly all. Then every pair that meets and is not yet
    # in one cluster, so that the result is exact.
    unite(*meetings.with_the_smallest())
    for pairs in meetings.between(roots[cluster], new_count):
        unite(*pairs)
    moved = np.flatnonzero(roots != np.arange(roots.size))
    return pd.DataFrame({"cluster_id": cluster_ids[moved], "root": cluster_ids[roots[moved]]})


def _move(connection: duckdb.DuckDBPyConnection, moved: pd.DataFrame) -> None:
    connection.register("moved", moved)
    connection.execute("UPDATE prompts SET cluster_id = root FROM moved WHERE moved.cluster_id = prompts.cluster_id")
    connection.unregister("moved")


def _members(connection: duckdb.DuckDBPyConnection) -> _Members:
    return _Members(*columns(connection, "SELECT prompt_id, is_prose, cluster_id FROM member ORDER BY number"))


def _index_is_lost(connection: duckdb.DuckDBPyConnection) -> bool:
    return not _any(connection, "FROM prompt_bands") and _any(
        connection, "FROM prompts ANTI JOIN new_prompt USING (prompt_id) WHERE tag_count > 0"
    )


def _any(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return connection.execute(f"SELECT EXISTS ({rows})").fetchall() == [(True,)]


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> Numbers:
    (column,) = columns(connection, query)
    return column


def _run(connection: duckdb.DuckDBPyConnection, file: str) -> None:
    connection.execute((resources.files(__package__) / file).read_text(encoding="utf-8"))
