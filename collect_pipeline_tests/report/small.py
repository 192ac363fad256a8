"""Fills a warehouse with as much or as little as a test needs, without a source."""

from collect_pipeline.categories.matcher import categorize
from collect_pipeline.categories.taxonomy import Meaning, Taxonomy
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.warehouse.connection import Warehouse

ADD_IMAGES = """
    INSERT INTO images BY NAME
    SELECT range AS image_id, $prompt AS prompt, true AS has_meta, 1 AS page_id, 1 AS browsing_level,
        TIMESTAMP '2025-06-01 12:00' AS created_at, TIMESTAMP '2026-01-01 10:30' AS first_collected_at,
        TIMESTAMP '2026-01-01 10:30' AS last_seen_at
    FROM range($count)
"""
ADD_LINKS = "INSERT INTO image_versions SELECT range, range % $versions + 1, 1 FROM range($count)"
ADD_VERSIONS = """
    INSERT INTO model_versions BY NAME
    SELECT '7@' || (range + 1) AS partition_key, 7 AS model_id, range + 1 AS model_version_id, 'Model' AS model_name,
        'v' || (range + 1) AS version_name, true AS followed, now()::TIMESTAMP AS added_at,
        now()::TIMESTAMP AS refreshed_at
    FROM range($versions)
"""


SMALL = Taxonomy(
    {
        "castle": Meaning(("setting", "subject"), None, ""),
        "golden hour": Meaning(("lighting", "setting"), None, ""),
    },
    "small",
)
"""The whole taxonomy takes seconds to apply, and the edges have no use for it."""


def fill(warehouse: Warehouse, images: int, versions: int, prompt: str | None, with_images: int | None = None) -> None:
    """Images of one moment, dealt out to the first versions."""
    with warehouse.transaction() as connection:
        connection.execute(ADD_IMAGES, {"prompt": prompt, "count": images})
        connection.execute(ADD_LINKS, {"versions": with_images or versions, "count": images})
        connection.execute(ADD_VERSIONS, {"versions": versions})
    with warehouse.transaction() as connection:
        deduplicate(connection)
        categorize(connection, SMALL)
