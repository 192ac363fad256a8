"""From images to distinct prompts, their segments, clusters and scores. Knows tables, not who filled them."""

from dataclasses import dataclass
from importlib import resources

import duckdb

from collect_pipeline.prompts.clusters import update_clusters
from collect_pipeline.prompts.macros import define_macros


@dataclass(frozen=True)
class DedupeCounts:
    """What one call did."""

    images_read: int
    """Images with a prompt that had no `prompt_id`."""
    prompts_new: int
    """Prompts stored for the first time."""
    prompts_touched: int
    """Prompts new or brought up to date: another image, more reactions."""
    clusters_touched: int
    """Near-duplicate clusters of two prompts or more that a new prompt is in."""


def deduplicate(connection: duckdb.DuckDBPyConnection) -> DedupeCounts:
    """Give every image with a prompt its `prompt_id`, and keep what is known of each prompt current.

    Reads `images`; writes `images.prompt_id`, `prompts`, `segments`, `prompt_segments` and `prompt_bands`. Only images
    without a `prompt_id` are worked on: whoever changes an image's prompt sets its `prompt_id` to NULL. A second call
    changes nothing. Runs in the caller's transaction, neither begins nor commits one, and leaves temporary tables.

    Prompts with the same normal form are one prompt. Those of which nothing remains (network tags only) share one with
    an empty normal form: the images keep their text and resources, and there is nothing else to tell them apart by.
    """
    define_macros(connection)
    for stage in ("deduplicate.sql", "quality.sql", "store.sql"):
        connection.execute((resources.files(__package__) / stage).read_text(encoding="utf-8"))
    images_read, prompts_new, prompts_touched = connection.sql(
        "SELECT (SELECT count(*) FROM new_image), (SELECT count(*) FROM new_prompt), "
        "(SELECT count(*) FROM touched_prompt)"
    ).fetchall()[0]
    return DedupeCounts(images_read, prompts_new, prompts_touched, update_clusters(connection))
