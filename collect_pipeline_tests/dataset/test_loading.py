"""The dataset as DuckDB, pandas, Polars and `datasets` load it: the same rows and values whatever the format."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets  # type: ignore[import-untyped]
import duckdb
import pandas as pd
import polars as pl
import pytest

from collect_pipeline.dataset.export import Export, export
from collect_pipeline.dataset.formats import Format
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.dataset.conftest import HARD_PROMPTS, HOMELESS

Rows = list[dict[str, object]]
FORMATS = list(Format)


def fetch(query: str) -> list[tuple[Any, ...]]:
    """Rows of files."""
    return duckdb.execute(query).fetchall()


def with_duckdb(folder: Path, table: str, file_format: Format) -> Rows:
    files = f"{folder}/{table}/*/*.{file_format}"
    source = {
        Format.PARQUET: f"read_parquet('{files}')",
        Format.CSV: f"read_csv('{files}', header = true, quote = '\"', escape = '\"')",
        Format.JSONL: f"read_json('{files}')",
    }[file_format]
    cursor = duckdb.execute(f"FROM {source}")
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def with_pandas(folder: Path, table: str, file_format: Format) -> Rows:
    files = sorted((folder / table).glob(f"*/*.{file_format}"))
    if file_format is Format.PARQUET:
        frame = pd.read_parquet(folder / table)
    elif file_format is Format.CSV:
        frame = pd.concat([pd.read_csv(file, keep_default_na=False, na_values=[""]) for file in files])
    else:
        frame = pd.concat([pd.read_json(file, lines=True, dtype=False) for file in files])
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in record.items()} for record in records]


def with_polars(folder: Path, table: str, file_format: Format) -> Rows:
    files = f"{folder}/{table}/*/*.{file_format}"
    if file_format is Format.PARQUET:
        frame = pl.read_parquet(files)
    elif file_format is Format.CSV:
        frame = pl.read_csv(files, infer_schema_length=None)
    else:
        frames = [pl.read_ndjson(file, infer_schema_length=None) for file in (folder / table).glob("*/*.jsonl")]
        frame = pl.concat(frames, how="diagonal_relaxed")
    return frame.to_dicts()


def with_datasets(folder: Path, table: str, file_format: Format, cache: Path | None = None) -> Rows:
    loaded = datasets.load_dataset(
        str(folder), table, split="train", cache_dir=str(cache or folder.parent / f"cache-{file_format}")
    )
    return list(loaded)


LOADERS = [with_duckdb, with_pandas, with_polars, with_datasets]
Loader = Callable[[Path, str, Format], Rows]


def plain(value: object, file_format: Format) -> object:
    """A list as a list, whatever a reader or the format makes of it."""
    if file_format is Format.CSV and isinstance(value, str):
        return json.loads(value)
    return list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else value


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("load", LOADERS)
def test_prompts_are_the_same_in_every_reader_and_format(
    exports: dict[Format, Export], hard_warehouse: Warehouse, load: Loader, file_format: Format
) -> None:
    with hard_warehouse.snapshot() as connection:
        stored = connection.execute(
            "SELECT prompt_id, prompt, cluster_id, categories, model_version_ids FROM v_prompts WHERE image_count > 0"
        ).fetchall()
    loaded = [
        (
            row["prompt_id"],
            row["prompt"],
            row["cluster_id"],
            plain(row["categories"], file_format),
            plain(row["model_version_ids"], file_format),
        )
        for row in load(exports[file_format].link, "prompts", file_format)
    ]
    assert sorted(loaded) == sorted(stored)
    assert set(HARD_PROMPTS.values()) <= {prompt for _, prompt, *_ in loaded}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("load", LOADERS)
def test_images_are_the_same_in_every_reader_and_format(
    exports: dict[Format, Export], hard_warehouse: Warehouse, load: Loader, file_format: Format
) -> None:
    with hard_warehouse.snapshot() as connection:
        stored = connection.execute(
            "SELECT image_id, coalesce(prompt_id, 0), prompt, seed::VARCHAR, steps FROM images"
        ).fetchall()
    loaded = []
    for row in load(exports[file_format].link, "images", file_format):
        seed = row["seed"] if file_format is not Format.CSV or row["seed"] is None else json.loads(str(row["seed"]))
        steps = None if row["steps"] is None else int(str(row["steps"]).removesuffix(".0"))
        loaded.append((row["image_id"], row["prompt_id"], row["prompt"], seed, steps))
    assert sorted(loaded, key=lambda row: int(str(row[0]))) == sorted(stored)


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_code_in_the_card_runs(exports: dict[Format, Export], file_format: Format, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", exports[file_format].card, re.DOTALL)
    assert len(blocks) == 5
    script = "\n".join(blocks) + "\nprint(len(prompts))\n"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=exports[file_format].link,
        env=os.environ | {"HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(exports[file_format].rows["prompts"])


def test_parquet_is_typed_and_compressed(exports: dict[Format, Export]) -> None:
    files = f"{exports[Format.PARQUET].link}/images/*/*.parquet"
    types = {name: kind for name, kind, *_ in fetch(f"DESCRIBE FROM '{files}'")}
    assert types["created_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["model_version_ids"] == "BIGINT[]"
    assert types["resources"].startswith("STRUCT(")
    assert types["image_id"] == types["prompt_id"] == "BIGINT"
    assert types["seed"] == "VARCHAR"
    codecs = fetch(f"FROM parquet_metadata('{files}') SELECT DISTINCT compression")
    assert codecs == [("ZSTD",)]


def test_each_row_stands_once_in_the_folder_of_the_version_found_first(exports: dict[Format, Export]) -> None:
    for table, key in (("prompts", "prompt_id"), ("images", "image_id")):
        files = f"{exports[Format.PARQUET].link}/{table}/*/*.parquet"
        [(rows, distinct, elsewhere, shared)] = fetch(
            f"FROM '{files}' SELECT count(*), count(DISTINCT {key}), "
            "count(*) FILTER (model_version_id <> coalesce(model_version_ids[1], 0)), "
            "count(*) FILTER (len(model_version_ids) > 1)"
        )
        assert rows == distinct == exports[Format.PARQUET].rows[table]
        assert elsewhere == 0
        assert shared > 0
    files = f"{exports[Format.PARQUET].link}/images/*/*.parquet"
    ids = fetch(f"FROM '{files}' SELECT image_id WHERE model_version_id = 0")
    assert ids == [(HOMELESS,)]


def test_names_of_users_are_left_out(exports: dict[Format, Export], hard_warehouse: Warehouse) -> None:
    with hard_warehouse.snapshot() as connection:
        names = {name for (name,) in connection.execute("SELECT DISTINCT username FROM images").fetchall() if name}
    assert len(names) > 5
    text = "".join(file.read_text("utf-8") for file in exports[Format.JSONL].folder.rglob("*.jsonl"))
    values = set(re.findall(r'"([^"]*)"', text))
    assert values.isdisjoint(names)
    assert '"username"' not in text


def test_the_same_warehouse_gives_the_same_rows_in_the_same_order(
    exports: dict[Format, Export], hard_warehouse: Warehouse, tmp_path: Path
) -> None:
    again = export(hard_warehouse, tmp_path, Format.JSONL, lambda _: None)
    for table in ("prompts", "images"):
        contents = [
            [file.read_bytes() for file in sorted((done.folder / table).glob("*/*"))]
            for done in (again, exports[Format.JSONL])
        ]
        assert contents[0] == contents[1]
