"""Near-duplicates: which prompts say almost the same. Knows `prompts`, `prompt_segments` and its own `prompt_bands`.

Two prompts are near-duplicates when the Jaccard similarity of their features reaches a threshold and they meet in a
bucket of a MinHash index (Broder 1997; banding after Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets",
chapter 3). A cluster is a connected component of such pairs. Whether a pair counts depends on these two prompts alone,
so the clusters depend neither on the order of arrival nor on how the prompts were batched.

A tag prompt is compared by its set of segments, threshold 0.8. A prose prompt (five words a segment or more) is
compared by its shingles of three words, threshold 0.35: replacing one sentence of three leaves a similarity of about
0.4, while unrelated descriptions share next to nothing. A pair of one of each kind is never compared.
"""

import hashlib
from functools import reduce
from importlib import resources
from typing import NamedTuple

import duckdb


class _Shape(NamedTuple):
    """Of a MinHash signature: so many bands of so many rows."""

    rows: int
    bands: int


# The chance that a pair meets is at least 1 - (1 - similarity ** rows) ** bands. Tags: 0.94 at 0.8, 0.99 at 0.85.
# Prose: 0.86 at 0.5, 0.98 at 0.6; prose prompts that share two sentences meet in any case. Fewer rows would make more
# chance meetings, whose number grows with the square of the number of prompts.
_TAGS = _Shape(rows=7, bands=12)
_PROSE = _Shape(rows=4, bands=30)


def update_clusters(connection: duckdb.DuckDBPyConnection) -> int:
    """Let the prompts of the temporary tables `new_prompt`, `new_prompt_text`, `new_prompt_segment` and
    `new_prompt_segment_text` join the clusters.

    They must be in `prompts` and `prompt_segments` already, each with its own id as `cluster_id`. Returns the number
    of clusters, among those that the new prompts are now in, that hold two prompts or more. If a migration has emptied
    the index, all prompts join anew.
    """
    if _index_is_lost(connection):
        _run(connection, "clusters_renew.sql")
    elif not _any(connection, "FROM new_prompt"):
        return 0
    _run(
        connection,
        "clusters_index.sql",
        tag_hashes=_hashes(_TAGS),
        tag_minima=_minima(_TAGS),
        tag_buckets=_buckets(_TAGS),
        prose_hashes=_hashes(_PROSE),
        prose_minima=_minima(_PROSE),
        prose_buckets=_buckets(_PROSE),
    )
    _run(connection, "clusters_compare.sql", pairs=_STAR_PAIRS)
    _merge(connection)
    _run(connection, "clusters_compare.sql", pairs=_REMAINING_PAIRS)
    _merge(connection)
    connection.execute("INSERT INTO prompt_bands BY NAME FROM new_band")
    (count,) = connection.sql(
        "SELECT count(*) FROM (SELECT cluster_id FROM prompts "
        "SEMI JOIN (SELECT cluster_id FROM prompts SEMI JOIN new_prompt USING (prompt_id)) USING (cluster_id) "
        "GROUP BY cluster_id HAVING count(*) > 1)"
    ).fetchall()[0]
    return int(count)


def _index_is_lost(connection: duckdb.DuckDBPyConnection) -> bool:
    return not _any(connection, "FROM prompt_bands") and _any(
        connection, "FROM prompts ANTI JOIN new_prompt USING (prompt_id) WHERE tag_count > 0"
    )


def _any(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return connection.execute(f"SELECT EXISTS ({rows})").fetchall() == [(True,)]


# First every prompt of a bucket with the bucket's smallest: that links nearly all, and 1,000 copies of one prompt cost
# 1,000 comparisons, not half a million.
_STAR_PAIRS = """
    SELECT DISTINCT first_id AS a, prompt_id AS b
    FROM meeting
    JOIN (
        SELECT bucket, min(prompt_id) AS first_id, arg_min(is_new, prompt_id) AS first_is_new
        FROM meeting
        GROUP BY bucket
    ) USING (bucket)
    WHERE first_id <> prompt_id AND (is_new OR first_is_new)
"""
# Then every pair that meets and is not yet in one cluster, so that the result is exact.
_REMAINING_PAIRS = """
    WITH member AS (
        SELECT bucket, prompt_id, is_new, cluster_id FROM meeting JOIN prompts USING (prompt_id)
    ), divided AS MATERIALIZED (
        FROM member
        SEMI JOIN (
            SELECT bucket FROM member GROUP BY bucket HAVING min(cluster_id) <> max(cluster_id)
        ) USING (bucket)
    )
    SELECT DISTINCT least(x.prompt_id, y.prompt_id) AS a, greatest(x.prompt_id, y.prompt_id) AS b
    FROM divided AS x
    JOIN divided AS y ON y.bucket = x.bucket
    WHERE x.is_new AND x.cluster_id <> y.cluster_id
"""


def _hashes(shape: _Shape) -> str:
    """For each band a hash of the feature: a multiplication modulo 2^32 with an odd random factor."""
    return ", ".join(
        f"((hash * {_number(f'band {band}') | 1}) & 4294967295)::UINTEGER AS h{band}" for band in range(shape.bands)
    )


def _minima(shape: _Shape) -> str:
    """The MinHash columns. The rows of a band are minima of one hash in orders that an XOR with a random number gives.

    Such orders are not independent, so that a band says somewhat more often than similarity ** rows that two prompts
    agree, never less often. In exchange a row costs a third of a multiplication.
    """
    return ", ".join(
        f"min(xor(h{row // shape.rows}, {_number(f'row {row}') << 1}::UINTEGER)) AS m{row}"
        for row in range(shape.rows * shape.bands)
    )


def _buckets(shape: _Shape) -> str:
    """One number for each band, as a SQL list."""
    return f"[{', '.join(_bucket(shape, band) for band in range(shape.bands))}]"


def _bucket(shape: _Shape, band: int) -> str:
    terms = [
        f"m{row}::BIGINT * {_number(f'band of {shape.rows}, row {row}') | 1}"
        for row in range(shape.rows * band, shape.rows * (band + 1))
    ]
    return reduce(lambda left, right: f"xor({left}, {right})", terms)


def _number(name: str) -> int:
    """A random-looking number below 2^31 that is the same for ever: `prompt_bands` outlives the process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1


def _merge(connection: duckdb.DuckDBPyConnection) -> None:
    """Join the clusters that an edge of the temporary table `edge` connects; the smallest id names the result."""
    _run(connection, "clusters_merge.sql")
    while _updated(connection, _TAKE_SMALLEST_NEIGHBOUR) + _updated(connection, _FOLLOW_ROOT):
        pass
    connection.execute(
        "UPDATE prompts SET cluster_id = root FROM node "
        "WHERE node.cluster_id = prompts.cluster_id AND root <> node.cluster_id"
    )


_TAKE_SMALLEST_NEIGHBOUR = """
    UPDATE node SET root = nearby.root
    FROM (
        SELECT cluster_edge.one AS cluster_id, min(node.root) AS root
        FROM cluster_edge JOIN node ON node.cluster_id = cluster_edge.other
        GROUP BY cluster_edge.one
    ) AS nearby
    WHERE nearby.cluster_id = node.cluster_id AND nearby.root < node.root
"""
_FOLLOW_ROOT = """
    UPDATE node SET root = further.root
    FROM node AS further
    WHERE further.cluster_id = node.root AND further.root < node.root
"""


def _updated(connection: duckdb.DuckDBPyConnection, update: str) -> int:
    (count,) = connection.execute(update).fetchall()[0]
    return int(count)


def _run(connection: duckdb.DuckDBPyConnection, file: str, **parts: str) -> None:
    sql = _read(file)
    for name, part in parts.items():
        sql = sql.replace(f"/* {name} */", part)
    connection.execute(sql)


def _read(file: str) -> str:
    return (resources.files(__package__) / file).read_text(encoding="utf-8")
