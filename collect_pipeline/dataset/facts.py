"""What the card says of the content: counts, times, maturity, languages, versions. Read from the warehouse's views."""

from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.warehouse.connection import Connection


@dataclass(frozen=True)
class Version:
    """A model version that images were found under; names are None if it was never followed."""

    model_version_id: int
    model_id: int | None
    model_name: str | None
    version_name: str | None
    base_model: str | None
    images: int
    prompts: int


@dataclass(frozen=True)
class Facts:
    """Counts over everything that is exported. Times are UTC.

    `browsing_levels` is a bit mask, `unrated_images` counts those without a level, `nsfw_levels` and `categories` count
    prompts, `scripts` counts prompts that hold kana (`ja`) and Chinese characters without kana (`zh`).
    """

    images: int
    images_with_prompt: int
    prompts: int
    clusters: int
    first_collected_at: datetime | None
    last_seen_at: datetime | None
    first_posted_at: datetime | None
    last_posted_at: datetime | None
    browsing_levels: int
    unrated_images: int
    taxonomy_version: str | None
    nsfw_levels: dict[str, int]
    categories: dict[str, int]
    scripts: dict[str, int]
    versions: list[Version]


def read_facts(connection: Connection) -> Facts:
    """Everything the card tells, as it is now."""
    [images] = connection.execute(
        "SELECT count(*), count(prompt), min(first_collected_at), max(last_seen_at), min(created_at), max(created_at), "
        "coalesce(bit_or(browsing_level), 0), count(*) FILTER (coalesce(browsing_level, 0) = 0) FROM images"
    ).fetchall()
    image_count, with_prompt, first_collected, last_seen, first_posted, last_posted, levels, unrated = images
    [(prompts, clusters, kana, han)] = connection.execute(
        "SELECT count(*), count(DISTINCT cluster_id), "
        r"count(*) FILTER (regexp_matches(normalized, '[\p{Hiragana}\p{Katakana}]')) AS kana, "
        r"count(*) FILTER (regexp_matches(normalized, '\p{Han}')) - "
        r"count(*) FILTER (regexp_matches(normalized, '\p{Han}') "
        r"AND regexp_matches(normalized, '[\p{Hiragana}\p{Katakana}]')) AS han "
        "FROM prompts WHERE image_count > 0"
    ).fetchall()
    [(taxonomy_version,)] = connection.execute("SELECT max(taxonomy_version) FROM prompt_categories").fetchall()
    return Facts(
        images=image_count,
        images_with_prompt=with_prompt,
        prompts=prompts,
        clusters=clusters,
        first_collected_at=first_collected,
        last_seen_at=last_seen,
        first_posted_at=first_posted,
        last_posted_at=last_posted,
        browsing_levels=levels,
        unrated_images=unrated,
        taxonomy_version=taxonomy_version,
        nsfw_levels=_counts(
            connection,
            "SELECT coalesce(nsfw_level, 'not categorized yet') AS level, count(*) FROM v_prompts "
            "WHERE image_count > 0 GROUP BY level ORDER BY count(*) DESC, level",
        ),
        categories=_counts(
            connection, "SELECT category, prompt_count FROM v_category_counts ORDER BY prompt_count DESC, category"
        ),
        scripts={language: number for language, number in (("ja", kana), ("zh", han)) if number},
        versions=_versions(connection),
    )


def _counts(connection: Connection, query: str) -> dict[str, int]:
    return dict(connection.execute(query).fetchall())


def _versions(connection: Connection) -> list[Version]:
    rows = connection.execute(
        "SELECT found.model_version_id, m.model_id, m.model_name, m.version_name, m.base_model, "
        "found.images, found.prompts "
        "FROM (SELECT model_version_id, count(*) AS images, count(DISTINCT prompt_id) AS prompts "
        "FROM image_versions JOIN images USING (image_id) GROUP BY model_version_id) AS found "
        "LEFT JOIN model_versions AS m USING (model_version_id) "
        "ORDER BY found.images DESC, found.model_version_id"
    ).fetchall()
    return [Version(*row) for row in rows]
