"""Why a prompt gets the categories it gets: the same matching as for the collection, laid open for one text.

Leaves nothing behind but temporary tables. Decides as `categorize` does; a test holds the two together.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from collect_pipeline.categories.matcher import match_pending_segments, read_phrases
from collect_pipeline.categories.taxonomy import NSFW_LEVELS, Taxonomy
from collect_pipeline.prompts.macros import define_macros


@dataclass(frozen=True)
class FoundPhrase:
    """A phrase of the taxonomy in a segment; `negated` if the words before it turn it off."""

    segment: int
    """Position of the segment, 1 for the first."""
    phrase: str
    category: str
    weight: float
    """What it adds to its category: 1, or 0 if it is negated, was found before, directly follows a phrase of the
    same category, with which it is one ("ancient temple"), or only announces a subject ("photo of")."""
    nsfw_level: str | None
    negated: bool


@dataclass(frozen=True)
class Result:
    """One category of the prompt."""

    category: str
    keywords: tuple[str, ...]
    weight: float
    confidence: float
    is_primary: bool


@dataclass(frozen=True)
class Explanation:
    """Everything that leads from a prompt to its categories."""

    segments: tuple[str, ...]
    phrases: tuple[FoundPhrase, ...]
    results: tuple[Result, ...]
    """Most weight first; a single `uncategorized` if nothing is recognised."""
    nsfw_level: str
    taxonomy_version: str


def explain(connection: duckdb.DuckDBPyConnection, text: str, taxonomy: Taxonomy | None = None) -> Explanation:
    """Explain the categories of a prompt as its maker wrote it; ties are decided by the collected corpus.

    Raises:
        TaxonomyError: the package's taxonomy cannot be read.
    """
    define_macros(connection)
    spelled = read_phrases(connection, taxonomy)
    segments = tuple(_rows(connection, "SELECT unnest(split_segments(?))", [text]))
    texts = tuple(str(segment) for (segment,) in segments)
    phrases = _found(connection, texts, spelled.table)
    results = _results(connection, phrases)
    levels = [p.nsfw_level for p in phrases if p.nsfw_level is not None and not p.negated]
    return Explanation(
        segments=texts,
        phrases=phrases,
        results=results,
        nsfw_level=max(levels, key=NSFW_LEVELS.index, default="none"),
        taxonomy_version=spelled.version,
    )


def _found(
    connection: duckdb.DuckDBPyConnection, segments: tuple[str, ...], phrases_table: str
) -> tuple[FoundPhrase, ...]:
    frame = pd.DataFrame({"segment_id": range(1, len(segments) + 1), "segment": pd.Series(segments, dtype="str")})
    connection.register("given_segments", frame)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pending_segments AS "
        "SELECT segment_id, match_form(segment) AS form FROM given_segments"
    )
    connection.unregister("given_segments")
    match_pending_segments(connection, phrases_table)
    rows = _rows(
        connection,
        "SELECT segment_id, phrase, category, nsfw_level, negated, word_position, word_position + word_count "
        "FROM matches JOIN found_meanings USING (form_id) "
        "ORDER BY segment_id, word_position, category",
    )
    phrases = []
    seen: set[tuple[str, str]] = set()
    ends: dict[tuple[int, str], int] = {}
    for segment, phrase, category, level, negated, start, end in rows:
        announces = category == "subject" and phrase.endswith(" of")
        follows = start <= ends.get((segment, category), 0)
        counts = not (negated or announces or follows or (category, phrase) in seen)
        if counts:
            seen.add((category, phrase))
        if not (negated or announces):
            ends[segment, category] = end
        phrases.append(FoundPhrase(segment, phrase, category, float(counts), level, negated))
    return tuple(phrases)


def _results(connection: duckdb.DuckDBPyConnection, phrases: tuple[FoundPhrase, ...]) -> tuple[Result, ...]:
    keywords: dict[str, dict[str, None]] = {}
    weights: dict[str, float] = defaultdict(float)
    for found in phrases:
        if not found.negated:
            keywords.setdefault(found.category, {})[found.phrase] = None
            weights[found.category] += found.weight
    weights = {category: max(0.5, weight) for category, weight in weights.items()}
    if not keywords:
        return (Result("uncategorized", (), 0.0, 0.0, is_primary=True),)
    ranks: dict[str, int] = dict(_rows(connection, "SELECT category, rarity_rank FROM category_ranks"))
    order = sorted(keywords, key=lambda name: (-weights[name], ranks.get(name, 0), name))
    return tuple(
        Result(name, tuple(keywords[name]), weights[name], 1 - 0.5 ** weights[name], name == order[0]) for name in order
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[str] | None = None) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()
