"""Counts what the report says, in SQL, on an open connection; makes temporary tables and changes nothing.

Knows the tables of the warehouse, and nothing of masking, charts or pages.
"""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import Any

from collect_pipeline.categories.matcher import spell_phrases
from collect_pipeline.categories.taxonomy import load
from collect_pipeline.report.findings import (
    CategoryHistory,
    CategoryShare,
    Cluster,
    Lengths,
    NamedCount,
    Period,
    PhraseCount,
    PromptUse,
    ScopeFindings,
    Totals,
    VersionSummary,
)
from collect_pipeline.report.periods import choose_unit, starts
from collect_pipeline.warehouse.connection import Connection

MOST_COLLECTED_PERIODS = 48
MOST_HISTORY_PERIODS = 12
MOST_NAMES = 15
MOST_PROMPTS = 10
LENGTH_WIDTH = 100
LENGTH_BINS = 10


def read_versions(connection: Connection) -> list[VersionSummary]:
    """Every version that is or was followed, or that images were found under; the one with most images first."""
    _run(connection, "prompt_levels")
    return [VersionSummary(*row) for row in _rows(connection, "versions")]


def read_nsfw_levels(connection: Connection) -> dict[str, str | None]:
    """The nsfw level of every phrase of the taxonomy, by its match form; None for all that is not in category nsfw.

    The taxonomy is the one that the warehouse was categorized by, or else the package's own.
    """
    [(categorized,)] = connection.execute("SELECT count(*) > 0 FROM taxonomy_phrases").fetchall()
    if not categorized:
        spell_phrases(connection, load())
    return dict(_rows(connection, "nsfw_levels", spelled="taxonomy_phrases" if categorized else "new_phrases"))


def read_scope(connection: Connection, version_id: int | None, most_phrases: int) -> ScopeFindings:
    """What is said of one version, or of all images where `version_id` is None.

    Args:
        connection: to the warehouse, at its current schema.
        version_id: CivitAI's id of the version.
        most_phrases: how many phrases of each category.
    """
    _run(connection, "prompt_levels")
    _run(connection, "scope_images", version_id=version_id)
    _run(connection, "scope_prompts")
    [row] = _rows(connection, "totals")
    totals = Totals(*row)
    unit, collected = _collected(connection, totals)
    return ScopeFindings(
        totals=totals,
        collected_unit=unit,
        collected=collected,
        shares=tuple(CategoryShare(*row) for row in _rows(connection, "category_shares")),
        history=_history(connection, totals),
        phrases=tuple(PhraseCount(*row) for row in _rows(connection, "phrases", most=most_phrases)),
        lengths=_lengths(connection),
        loras=tuple(NamedCount(*row) for row in _rows(connection, "loras", most=MOST_NAMES)),
        checkpoints=tuple(NamedCount(*row) for row in _rows(connection, "checkpoints", most=MOST_NAMES)),
        uses=dict(_rows(connection, "uses")),
        cluster_sizes=dict(_rows(connection, "cluster_sizes")),
        most_used=tuple(PromptUse(*row) for row in _rows(connection, "most_used", most=MOST_PROMPTS)),
        largest_clusters=tuple(Cluster(*row) for row in _rows(connection, "largest_clusters", most=MOST_PROMPTS)),
        prompt_levels=dict(_rows(connection, "prompt_levels_counted")),
        image_levels=dict(_rows(connection, "image_levels_counted")),
    )


def _collected(connection: Connection, totals: Totals) -> tuple[str, tuple[Period, ...]]:
    first, last = totals.first_collected_at, totals.last_collected_at
    if first is None or last is None:
        return "day", ()
    unit = choose_unit(first, last, MOST_COLLECTED_PERIODS)
    images = dict(_rows(connection, "collected", unit=unit))
    return unit, _filled(images, starts(first, last, unit, MOST_COLLECTED_PERIODS))


def _history(connection: Connection, totals: Totals) -> CategoryHistory:
    first, last = totals.first_published_at, totals.last_published_at
    if first is None or last is None:
        return CategoryHistory("month", (), {})
    unit = choose_unit(first, last, MOST_HISTORY_PERIODS, finest="day")
    shown = starts(first, last, unit, MOST_HISTORY_PERIODS)
    periods = _filled(dict(_rows(connection, "published", unit=unit)), shown)
    places = {start: place for place, start in enumerate(shown)}
    in_category: dict[str, list[int]] = {}
    for start, category, images in _rows(connection, "category_periods", unit=unit):
        if start in places:
            in_category.setdefault(category, [0] * len(shown))[places[start]] = images
    return CategoryHistory(unit, periods, {category: tuple(counts) for category, counts in in_category.items()})


def _filled(images: dict[datetime, int], shown: Sequence[datetime]) -> tuple[Period, ...]:
    return tuple(Period(start, images.get(start, 0)) for start in shown)


def _lengths(connection: Connection) -> Lengths:
    counted = dict(_rows(connection, "lengths", width=LENGTH_WIDTH, bins=LENGTH_BINS))
    [(median, nearly_all, longest)] = _rows(connection, "length_points")
    bins = tuple(counted.get(place * LENGTH_WIDTH, 0) for place in range(LENGTH_BINS + 1))
    return Lengths(LENGTH_WIDTH, bins, median, nearly_all, longest)


def _run(connection: Connection, name: str, **values: object) -> Connection:
    statement = (resources.files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return connection.execute(statement, values or None)


def _rows(connection: Connection, name: str, **values: object) -> list[tuple[Any, ...]]:
    return _run(connection, name, **values).fetchall()
