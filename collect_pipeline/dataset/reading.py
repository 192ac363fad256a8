"""How each format is read, as the card tells it: what stands in the files, and code that a test runs."""

from dataclasses import dataclass

from collect_pipeline.dataset.formats import Format


@dataclass(frozen=True)
class Reading:
    """Sentences and Python for one format. In `version`, `$version_id` stands for a model version."""

    encoding: str
    version: str
    duckdb: str
    pandas: str
    polars: str


READING = {
    Format.PARQUET: Reading(
        encoding="Parquet with Zstandard compression. Lists are lists, times are typed and in UTC.",
        version="""
import duckdb

rows = "'prompts/*/*.parquet'"
duckdb.sql(f"SELECT prompt FROM {rows} WHERE list_contains(model_version_ids, $version_id)")
""",
        duckdb="""
import duckdb

rows = "'prompts/*/*.parquet'"
duckdb.sql(f"SELECT primary_category, count(*) FROM {rows} GROUP BY ALL ORDER BY ALL")
""",
        pandas="""
import pandas

prompts = pandas.read_parquet("prompts")
""",
        polars="""
import polars

prompts = polars.read_parquet("prompts/*/*.parquet")
""",
    ),
    Format.CSV: Reading(
        encoding="CSV in UTF-8 with a header, a comma between fields, and quotes around fields that need them; prompts "
        'hold line breaks. Lists are JSON text, such as `["lighting","mood"]`, and so is `seed`. Times are ISO 8601 in '
        "UTC. An empty field is a missing value. Prompts may begin with `=`: import them as text into a spreadsheet.",
        version='''
import duckdb

rows = """read_csv('prompts/*/*.csv', header = true, quote = '"', escape = '"')"""
ids = """from_json(model_version_ids, '["BIGINT"]')"""
duckdb.sql(f"SELECT prompt FROM {rows} WHERE list_contains({ids}, $version_id)")
''',
        duckdb='''
import duckdb

rows = """read_csv('prompts/*/*.csv', header = true, quote = '"', escape = '"')"""
duckdb.sql(f"SELECT primary_category, count(*) FROM {rows} GROUP BY ALL ORDER BY ALL")
''',
        pandas="""
import json
from pathlib import Path

import pandas

files = Path("prompts").glob("*/*.csv")
prompts = pandas.concat(pandas.read_csv(file, keep_default_na=False, na_values=[""]) for file in files)
prompts["categories"] = prompts["categories"].map(json.loads)
""",
        polars="""
import polars

prompts = polars.read_csv("prompts/*/*.csv")
""",
    ),
    Format.JSONL: Reading(
        encoding="JSON Lines in UTF-8: one object a line. Lists are lists, times are text in ISO 8601 and UTC, a "
        "missing value is `null`.",
        version="""
import duckdb

rows = "read_json('prompts/*/*.jsonl')"
duckdb.sql(f"SELECT prompt FROM {rows} WHERE list_contains(model_version_ids, $version_id)")
""",
        duckdb="""
import duckdb

rows = "read_json('prompts/*/*.jsonl')"
duckdb.sql(f"SELECT primary_category, count(*) FROM {rows} GROUP BY ALL ORDER BY ALL")
""",
        pandas="""
from pathlib import Path

import pandas

files = Path("prompts").glob("*/*.jsonl")
prompts = pandas.concat(pandas.read_json(file, lines=True, dtype=False) for file in files)
""",
        polars="""
from pathlib import Path

import polars

frames = [polars.read_ndjson(file, infer_schema_length=None) for file in Path("prompts").glob("*/*.jsonl")]
prompts = polars.concat(frames, how="diagonal_relaxed")
""",
    ),
}

DATASETS = """
from pathlib import Path

from datasets import load_dataset

prompts = load_dataset(str(Path.cwd()), "prompts", split="train")
"""
