"""Taking over a file of the old tool: builds one, imports it twice, and prints what each import took.

The file has the old tool's latest schema, items of 2 to 3 KB in `raw_metadata`, and for each prompt three categories
and two resources.

    python benchmarks/legacy.py [--rows N]
"""

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from corpus import corpus

from collect_pipeline.legacy.importing import import_legacy
from collect_pipeline.warehouse.connection import Warehouse

MODEL, VERSION = 827184, 2514310
_SCHEMA = """
    CREATE TABLE civitai_prompts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, civitai_id TEXT UNIQUE, full_prompt TEXT, negative_prompt TEXT,
        quality_score INTEGER, reaction_count INTEGER, comment_count INTEGER, download_count INTEGER,
        prompt_length INTEGER, tag_count INTEGER, model_name TEXT, model_id TEXT, model_version_id TEXT,
        collected_at TIMESTAMP, raw_metadata TEXT);
    CREATE TABLE prompt_categories (
        id INTEGER PRIMARY KEY AUTOINCREMENT, prompt_id INTEGER, category TEXT, keywords TEXT, confidence REAL);
    CREATE TABLE prompt_resources (
        id INTEGER PRIMARY KEY AUTOINCREMENT, prompt_id INTEGER, resource_index INTEGER, resource_type TEXT,
        resource_name TEXT, resource_model_id TEXT, resource_model_version_id TEXT, resource_id TEXT,
        resource_raw TEXT);
    CREATE TABLE collection_state (
        id INTEGER PRIMARY KEY AUTOINCREMENT, model_id TEXT, version_id TEXT, last_offset INTEGER,
        total_collected INTEGER, next_page_cursor TEXT, status TEXT, last_update TIMESTAMP);
"""


def main() -> None:
    """Build, import, import again; all in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="prompts in the file (default %(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder / "old.db", arguments.rows)
        print(f"{arguments.rows:,} rows, {(folder / 'old.db').stat().st_size / 1e6:,.0f} MB")
        for what in ("import", "again "):
            cpu, wall = cpu_seconds(), time.perf_counter()
            report = import_legacy(Warehouse(folder / "collect.duckdb"), folder / "old.db", 1)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            took = f"{time.perf_counter() - wall:.1f} s, {cpu_seconds() - cpu:.1f} CPU-s, peak memory {peak:,.0f} MB"
            came_over = ", ".join(f"{table.came_over:,} {table.table}" for table in report.tables)
            print(f"{what}: {took}, came over: {came_over}", flush=True)


def build(path: Path, rows: int) -> None:
    """Write a file as the old tool leaves one."""
    connection = sqlite3.connect(path)
    connection.executescript(_SCHEMA)
    rng = random.Random(3)  # noqa: S311 - a reproducible file, not a secret
    connection.executemany(
        "INSERT INTO civitai_prompts (civitai_id, full_prompt, negative_prompt, quality_score, reaction_count, "
        "comment_count, download_count, prompt_length, tag_count, model_name, model_id, model_version_id, "
        "collected_at, raw_metadata) VALUES (?, ?, ?, 7, 12, 0, 0, ?, 20, 'Old', ?, ?, ?, ?)",
        _prompts(rows, rng),
    )
    for table, columns, values in (
        ("prompt_categories", "category, keywords, confidence", ("'style'", "'lighting'", "'mood'")),
        ("prompt_resources", "resource_type, resource_name, resource_model_version_id", ("'lora'", "'checkpoint'")),
    ):
        for value in values:
            rest = '\'["a", "b"]\', 0.5' if table == "prompt_categories" else "'film_look', '128713'"
            connection.execute(
                f"INSERT INTO {table} (prompt_id, {columns}) SELECT id, {value}, {rest} FROM civitai_prompts"  # noqa: S608 - names of ours
            )
    connection.execute(
        "INSERT INTO collection_state (model_id, version_id, last_offset, total_collected, next_page_cursor) "
        "VALUES (?, ?, ?, ?, '?sort=Newest&cursor=5|6')",
        (str(MODEL), str(VERSION), rows, rows),
    )
    connection.commit()
    connection.close()


def _prompts(rows: int, rng: random.Random) -> Iterator[tuple[object, ...]]:
    for number, prompt in enumerate(corpus(rows)):
        image_id = 90_000_000 + number
        item = _item(image_id, prompt.text, rng)
        collected_at = f"2025-09-{1 + number * 28 // rows:02d}T12:00:00.123456"
        yield (
            str(image_id),
            prompt.text,
            "lowres, bad anatomy",
            len(prompt.text),
            str(MODEL),
            str(VERSION),
            collected_at,
            json.dumps(item, ensure_ascii=False),
        )


def _item(image_id: int, prompt: str, rng: random.Random) -> dict[str, object]:
    resources = [
        {"type": kind, "modelVersionId": rng.randrange(100_000, 3_000_000), "modelVersionName": "v1.0", "weight": 0.8}
        for kind in ("checkpoint", "lora", "lora")
    ]
    return {
        "id": image_id,
        "url": f"https://image.civitai.com/xG1nkqKTMzGDvpLrqFT7WA/{rng.getrandbits(128):032x}/width=1024/{image_id}.jpeg",
        "hash": "UBF~gS-pIUay~qxuWBay?bt7RjayM{j[ofof",
        "width": 832,
        "height": 1216,
        "nsfwLevel": "None",
        "type": "image",
        "nsfw": False,
        "browsingLevel": 1,
        "createdAt": "2025-08-30T17:24:59.021Z",
        "postId": image_id // 4,
        "stats": {"cryCount": 1, "laughCount": 2, "likeCount": 30, "heartCount": 9, "commentCount": 0},
        "meta": {
            "Size": "832x1216",
            "seed": rng.getrandbits(40),
            "Model": "illustriousXL",
            "steps": 28,
            "hashes": {"model": f"{rng.getrandbits(40):010x}", "lora:film_look": f"{rng.getrandbits(40):010x}"},
            "prompt": prompt,
            "sampler": "DPM++ 2M Karras",
            "cfgScale": 6.5,
            "resources": [{"hash": f"{rng.getrandbits(40):010x}", "name": "film_look", "type": "lora", "weight": 0.6}],
            "negativePrompt": "lowres, bad anatomy, bad hands, text, error, missing fingers, extra digit, cropped",
            "civitaiResources": resources,
            "comfy": " ".join(f"node{rng.getrandbits(32):08x}" for _ in range(60)),
        },
        "username": f"maker{image_id % 977}",
        "baseModel": "Illustrious",
        "modelVersionIds": [resource["modelVersionId"] for resource in resources],
    }


def cpu_seconds() -> float:
    """CPU time of all threads of this process, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
