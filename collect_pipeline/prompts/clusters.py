"""Near-duplicates: which prompts say almost the same. Knows `prompts`, `prompt_segments` and its own `prompt_bands`.

Two prompts are near-duplicates when the Jaccard similarity of their features reaches a threshold and they meet in a
bucket of a MinHash index (Broder 1997; banding after Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets",
chapter 3). A cluster is a connected component of such pairs. Whether a pair counts depends on these two prompts alone,
so the clusters depend neither on the order of arrival nor on how the prompts were batched.

A tag prompt is compared by its set of segments, threshold 0.8. A prose prompt (five words a segment or more) is
compared by its pairs of neighbouring words, threshold 0.4: replacing one sentence of three leaves a similarity of
about 0.45, while unrelated descriptions share a few per cent.
"""

import hashlib
from importlib import resources

import duckdb

# Chance that a pair meets: 1 - (1 - similarity ** rows) ** bands. Tags: 0.97 at 0.8, 0.18 at 0.5.
# Prose: 0.91 at 0.46, 0.99 at 0.56.
_SIGNATURE = 72
_TAG_ROWS = 6
_PROSE_ROWS = 3


def update_clusters(connection: duckdb.DuckDBPyConnection) -> int:
    """Let the prompts of the temporary table `new_prompt` (prompt_id, normalized) join the clusters.

    They must be in `prompts` and `prompt_segments` already, each with its own id as `cluster_id`. Returns the number
    of clusters, among those that the new prompts are now in, that hold two prompts or more.
    """
    _run(connection, "clusters_index.sql", signature=_signature(), buckets=_buckets())
    _run(connection, "clusters_compare.sql", pairs=_STAR_PAIRS)
    _merge(connection)
    _run(connection, "clusters_compare.sql", pairs=_REMAINING_PAIRS)
    _merge(connection)
    connection.execute("INSERT INTO prompt_bands FROM new_band")
    (count,) = connection.sql(
        "SELECT count(*) FROM (SELECT cluster_id FROM prompts WHERE cluster_id IN "
        "(SELECT cluster_id FROM prompts SEMI JOIN new_prompt USING (prompt_id)) GROUP BY cluster_id HAVING count(*) > 1)"
    ).fetchall()[0]
    return int(count)


# First every prompt of a bucket with the bucket's smallest: that links nearly all, and 1,000 copies of one prompt cost
# 1,000 comparisons, not half a million.
_STAR_PAIRS = """
    SELECT DISTINCT first_id AS a, prompt_id AS b
    FROM meeting
    JOIN (SELECT bucket, min(prompt_id) AS first_id FROM meeting GROUP BY bucket) USING (bucket)
    WHERE first_id <> prompt_id
        AND (first_id IN (SELECT prompt_id FROM new_prompt) OR prompt_id IN (SELECT prompt_id FROM new_prompt))
"""
# Then every pair that meets and is not yet in one cluster, so that the result is exact.
_REMAINING_PAIRS = """
    SELECT DISTINCT least(new_band.prompt_id, meeting.prompt_id) AS a, greatest(new_band.prompt_id, meeting.prompt_id) AS b
    FROM new_band
    JOIN meeting USING (bucket)
    JOIN prompts AS p ON p.prompt_id = new_band.prompt_id
    JOIN prompts AS q ON q.prompt_id = meeting.prompt_id
    WHERE p.cluster_id <> q.cluster_id
"""


def _signature() -> str:
    """The MinHash columns: minima of the features under multiplications modulo 2^32 with odd random factors."""
    return ", ".join(f"min((hash * {_number(f'row {row}') | 1}) & 4294967295) AS m{row}" for row in range(_SIGNATURE))


def _buckets() -> str:
    """One number for each band, as SQL: a list for tag prompts, another for prose."""
    return f"CASE WHEN is_prose THEN {_bands(_PROSE_ROWS)} ELSE {_bands(_TAG_ROWS)} END"


def _bands(rows: int) -> str:
    bands = []
    for start in range(0, _SIGNATURE, rows):
        factors = [(row, _number(f"band of {rows}, row {row}") | 1) for row in range(start, start + rows)]
        bands.append(_xor([f"m{row} * {factor}" for row, factor in factors]))
    return f"[{', '.join(bands)}]"


def _xor(terms: list[str]) -> str:
    expression = terms[0]
    for term in terms[1:]:
        expression = f"xor({expression}, {term})"
    return expression


def _number(name: str) -> int:
    """A random-looking number below 2^31 that is the same for ever: `prompt_bands` outlives the process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1


def _merge(connection: duckdb.DuckDBPyConnection) -> None:
    """Join the clusters that an edge of the temporary table `edge` connects; the smallest id names the result."""
    _run(connection, "clusters_merge.sql")
    while _updated(connection, _TAKE_SMALLEST_NEIGHBOUR) + _updated(connection, _FOLLOW_ROOT):
        pass
    connection.execute(
        "UPDATE prompts SET cluster_id = root FROM node WHERE node.cluster_id = prompts.cluster_id AND root <> node.cluster_id"
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
