"""Categories of segments and prompts, worked out on what is new or touched by a changed taxonomy.

Reads `prompts`, `segments` and `prompt_segments`, writes the tables of the migration 0003_categories. Works inside the
caller's transaction and never commits. Knows nothing of Dagster, of images or of where prompts come from.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from collect_pipeline.categories.gathering import Gathered
from collect_pipeline.categories.matching import match
from collect_pipeline.categories.taxonomy import Taxonomy, load
from collect_pipeline.prompts.columns import columns


@dataclass(frozen=True)
class CategorizeCounts:
    """What one call did; segments and prompts that were left alone are not in it."""

    segments: int
    prompts: int
    uncategorized: int
    taxonomy_version: str


def categorize(connection: duckdb.DuckDBPyConnection, taxonomy: Taxonomy | None = None) -> CategorizeCounts:
    """Bring the categories of all segments and prompts up to date with the taxonomy, the package's own by default.

    Looks at segments that were never looked at, at those in which a phrase occurs that the taxonomy gained, lost or
    changed, and at the prompts that are new or hold such a segment.

    Raises:
        TaxonomyError: the package's taxonomy cannot be read.
    """
    run(connection, "define_forms")
    version = _take_phrases(connection) if taxonomy is None else _change_phrases(connection, taxonomy)
    connection.execute("SET VARIABLE taxonomy_version = ?", [version])
    run(connection, "find_segments")
    _add_touched_segments(connection)
    match_pending_segments(connection, "taxonomy_phrases")
    for step in ("store_segments", "find_prompts", "gather_keywords"):
        run(connection, step)
    _store(connection, Gathered(connection))
    run(connection, "choose_primary")
    segments, prompts, uncategorized = connection.execute(
        "SELECT (SELECT count(*) FROM pending_segments), (SELECT count(*) FROM pending_prompts), "
        "(SELECT count(*) FROM pending_prompts JOIN prompt_categories USING (prompt_id) "
        "WHERE category = 'uncategorized')"
    ).fetchall()[0]
    return CategorizeCounts(segments, prompts, uncategorized, version)


class SpelledTaxonomy(NamedTuple):
    """The table in which a taxonomy is spelled out, and its version."""

    table: str
    version: str


def read_phrases(connection: duckdb.DuckDBPyConnection, taxonomy: Taxonomy | None) -> SpelledTaxonomy:
    """Spell out a taxonomy, the package's own by default, unless the warehouse has it already.

    Raises:
        TaxonomyError: the package's taxonomy cannot be read.
    """
    version = _kept_version(connection, _fingerprint(connection)) if taxonomy is None else None
    if version is not None:
        return SpelledTaxonomy("taxonomy_phrases", version)
    taxonomy = taxonomy or load()
    spell_phrases(connection, taxonomy)
    return SpelledTaxonomy("new_phrases", taxonomy.version)


def spell_phrases(connection: duckdb.DuckDBPyConnection, taxonomy: Taxonomy) -> None:
    """Make the temporary table `new_phrases` of a taxonomy."""
    run(connection, "define_forms")
    meanings = taxonomy.meanings.values()
    table = pa.table(
        {
            "phrase": pa.array(list(taxonomy.meanings), pa.string()),
            "categories": pa.array([meaning.categories for meaning in meanings], pa.list_(pa.string())),
            "nsfw_level": pa.array([meaning.nsfw_level for meaning in meanings], pa.string()),
            "scope": pa.array([meaning.scope for meaning in meanings], pa.string()),
        }
    )
    connection.register("given_phrases", table)
    run(connection, "spell_phrases")
    connection.unregister("given_phrases")


def match_pending_segments(connection: duckdb.DuckDBPyConnection, phrases: str) -> None:
    """From the temporary table `pending_segments` and a table of phrases to `matches`, which `match` returns, and
    `found_meanings`."""
    # Few segments hold the first word of few phrases.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE possible_phrases AS FROM {phrases} "  # noqa: S608 - one of two names of ours
        "WHERE split_part(form, ' ', 1) IN "
        "(SELECT unnest(string_split(form, ' ')) FROM pending_segments)"
    )
    _search(connection, "FROM pending_segments", "SELECT DISTINCT form FROM possible_phrases")
    run(connection, "find_kinds")
    connection.register("matched", match(connection))
    connection.execute("CREATE OR REPLACE TEMP TABLE matches AS FROM matched")
    connection.unregister("matched")


def run(connection: duckdb.DuckDBPyConnection, step: str) -> None:
    """Execute one file of the folder `sql`."""
    file = resources.files(__package__) / "sql" / f"{step}.sql"
    connection.execute(file.read_text(encoding="utf-8"))


def _store(connection: duckdb.DuckDBPyConnection, gathered: Gathered) -> None:
    connection.register("gathered_counts", gathered.counts())
    run(connection, "rank_categories")
    connection.unregister("gathered_counts")
    category_id, rank = columns(
        connection, "SELECT category_id, rarity_rank FROM keyword_categories JOIN new_ranks USING (category)"
    )
    ranks = np.zeros(category_id.max(initial=0) + 1, dtype=np.int64)
    ranks[category_id] = rank
    connection.register("gathered", gathered.table(ranks))
    run(connection, "store_prompts")
    connection.unregister("gathered")


def _take_phrases(connection: duckdb.DuckDBPyConnection) -> str:
    """Make `taxonomy_phrases` that of the package, and `changed_forms`; return the taxonomy's version.

    Reading and spelling it takes seconds, so that is only done when something has changed that decides the outcome.
    """
    fingerprint = _fingerprint(connection)
    version = _kept_version(connection, fingerprint)
    if version is None:
        version = _change_phrases(connection, load())
        connection.execute("INSERT INTO taxonomy_source VALUES (?, ?)", [fingerprint, version])
    else:
        connection.execute("CREATE OR REPLACE TEMP TABLE changed_forms AS SELECT form FROM taxonomy_phrases LIMIT 0")
    return version


def _kept_version(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> str | None:
    """The version of what is in `taxonomy_phrases`; None if that is out of date."""
    known = connection.execute(
        "SELECT taxonomy_version FROM taxonomy_source WHERE fingerprint = ?", [fingerprint]
    ).fetchone()
    return None if known is None else str(known[0])


def _change_phrases(connection: duckdb.DuckDBPyConnection, taxonomy: Taxonomy) -> str:
    connection.execute("DELETE FROM taxonomy_source")
    spell_phrases(connection, taxonomy)
    run(connection, "change_phrases")
    return taxonomy.version


def _fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Of the taxonomy's files and of all that spells them out: code, SQL, and the macro in the warehouse."""
    digest = hashlib.sha256()
    package = resources.files(__package__)
    files = [file for file in (package / "taxonomy").iterdir() if file.name.endswith(".csv")]
    files += [package / "taxonomy.py", package / "patterns.py"]
    files += [package / "sql" / name for name in ("define_forms.sql", "spell_phrases.sql")]
    for file in sorted(files, key=lambda file: file.name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    (macro,) = connection.execute(
        "SELECT macro_definition FROM duckdb_functions() WHERE function_name = 'match_form'"
    ).fetchall()[0]
    digest.update(macro.encode())
    return digest.hexdigest()


def _add_touched_segments(connection: duckdb.DuckDBPyConnection) -> None:
    if connection.execute("SELECT EXISTS (FROM changed_forms)").fetchall() == [(False,)]:
        return
    _search(
        connection,
        "SELECT segment_id, match_form(segment) AS form FROM segments SEMI JOIN categorized_segments "
        "USING (segment_id)",
        "FROM changed_forms",
    )
    run(connection, "add_touched_segments")


def _search(connection: duckdb.DuckDBPyConnection, segments: str, forms: str) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE searched_segments AS "  # noqa: S608 - only our own words
        f"SELECT row_number() OVER () - 1 AS segment_number, segment_id, form FROM ({segments})"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE searched_forms AS {forms}")
    run(connection, "find_forms")
