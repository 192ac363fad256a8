"""Files as the old tool left them, and as nobody should have."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]

MODEL, VERSION = 4201, 98_001
IMAGE = 70_000_001


def item(image_id: object = IMAGE, prompt: object = "a red fox, golden hour", **changes: object) -> dict[str, object]:
    """An item of the API."""
    return {
        "id": image_id,
        "url": f"https://image.civitai.com/x/{image_id}.jpeg",
        "width": 832,
        "height": 1216,
        "nsfwLevel": "None",
        "type": "image",
        "browsingLevel": 1,
        "createdAt": "2025-08-30T17:24:59.021Z",
        "postId": 5,
        "stats": {"likeCount": 3, "heartCount": 1, "laughCount": 0, "cryCount": 0, "commentCount": 2},
        "meta": {
            "prompt": prompt,
            "negativePrompt": "blurry",
            "seed": 2**40,
            "steps": 28,
            "sampler": "Euler a",
            "cfgScale": 6.5,
            "Model": "illustriousXL",
            "civitaiResources": [{"type": "lora", "modelVersionId": 12, "weight": 0.8}],
        },
        "username": "maker",
        "baseModel": "Illustrious",
        **changes,
    }


def prompt_row(
    image_id: object = IMAGE, prompt: object = "a red fox, golden hour", **changes: object
) -> dict[str, object]:
    """A row of `civitai_prompts` as the old tool wrote it."""
    return {
        "civitai_id": str(image_id),
        "full_prompt": prompt,
        "negative_prompt": "blurry",
        "quality_score": 7,
        "reaction_count": 4,
        "comment_count": 2,
        "download_count": 0,
        "prompt_length": 22,
        "tag_count": 2,
        "model_name": "Old Model",
        "model_id": str(MODEL),
        "model_version_id": str(VERSION),
        "collected_at": "2025-09-17T08:30:00.123456",
        "raw_metadata": json.dumps(item(image_id, prompt)),
        **changes,
    }


def state_row(**changes: object) -> dict[str, object]:
    """A row of `collection_state` as the old tool wrote it."""
    return {
        "model_id": str(MODEL),
        "version_id": str(VERSION),
        "last_offset": 200,
        "total_collected": 150,
        "next_page_cursor": None,
        "status": "completed",
        "planned_total": 500,
        "attempted": 200,
        "duplicates": 20,
        "saved": 150,
        "summary_json": '{"saved": 150}',
        "last_update": "2025-09-17 08:31:00",
        **changes,
    }


def category_row(prompt_id: object = 1, category: object = "style", **changes: object) -> dict[str, object]:
    """A row of `prompt_categories`."""
    return {"prompt_id": prompt_id, "category": category, "keywords": '["anime", "oil"]', "confidence": 0.4, **changes}


def resource_row(prompt_id: object = 1, **changes: object) -> dict[str, object]:
    """A row of `prompt_resources`."""
    return {
        "prompt_id": prompt_id,
        "resource_index": 0,
        "resource_type": "LORA",
        "resource_name": "film_look",
        "resource_model_id": "77",
        "resource_model_version_id": "78",
        "resource_id": "78",
        "resource_raw": '{"type": "lora", "weight": 0.6}',
        **changes,
    }


def build(
    path: Path,
    *,
    prompts: Sequence[Row] | None = None,
    categories: Sequence[Row] | None = None,
    resources: Sequence[Row] | None = None,
    states: Sequence[Row] | None = None,
    journal_mode: str = "delete",
) -> Path:
    """Write a file. A table that is None does not exist; a table has the columns of its rows, which hold anything."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {journal_mode}")
    for table, rows in (
        ("civitai_prompts", prompts),
        ("prompt_categories", categories),
        ("prompt_resources", resources),
        ("collection_state", states),
    ):
        if rows is not None:
            add_table(connection, table, rows)
    connection.commit()
    connection.close()
    return path


def add_table(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Make a table with `id` and the columns of its rows, and fill it."""
    columns = list(dict.fromkeys(name for row in rows for name in row if name != "id"))
    connection.execute(f"CREATE TABLE {table} ({', '.join(['id INTEGER PRIMARY KEY', *columns])})")
    for row in rows:
        values = [row.get(name) for name in columns]
        places = ", ".join("?" for _ in columns)
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", values)  # noqa: S608
