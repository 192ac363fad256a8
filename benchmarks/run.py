"""`make bench`: deduplicating and categorizing a made-up corpus, and a little more on top of it.

Every step prints CPU-seconds of this process and the peak memory so far. The last lines compare the categories of a
sample, matched once a distinct segment, with a plain loop over prompts and phrases, as a ratio within this run.

    python benchmarks/run.py [--prompts N] [--more N]
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import duckdb
import pandas as pd
from corpus import corpus

from collect_pipeline.categories.matcher import categorize
from collect_pipeline.categories.taxonomy import load
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.warehouse.connection import Warehouse

BATCH = 100_000
SAMPLE = 500


def main() -> None:
    """Run all steps in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=1_000_000, help="size of the corpus (default %(default)s)")
    parser.add_argument("--more", type=int, default=10_000, help="added on top of it (default %(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "bench.duckdb")
        texts = (prompt.text for prompt in corpus(arguments.prompts + arguments.more))
        insert(warehouse, islice(texts, arguments.prompts), 0)
        process(warehouse, arguments.prompts)
        insert(warehouse, texts, arguments.prompts)
        process(warehouse, arguments.more)
    compare([prompt.text for prompt in corpus(SAMPLE, seed=2)])


def insert(warehouse: Warehouse, texts: Iterator[str], first_id: int) -> None:
    """Store prompts as images that nobody has looked at; not part of what is measured."""
    while batch := list(islice(texts, BATCH)):
        frame = pd.DataFrame({"image_id": range(first_id, first_id + len(batch)), "prompt": batch})
        first_id += len(batch)
        with warehouse.transaction() as connection:
            connection.register("batch", frame)
            connection.execute(
                "INSERT INTO images BY NAME SELECT image_id, prompt, true AS has_meta, 1 AS page_id, "
                "now()::TIMESTAMP AS first_collected_at, now()::TIMESTAMP AS last_seen_at FROM batch"
            )


def process(warehouse: Warehouse, count: int) -> None:
    """The two stages, each in a transaction of its own as in a run."""
    before = cpu_seconds()
    with measured(f"deduplicate {count:,} prompts"), warehouse.transaction() as connection:
        deduplicate(connection)
    with measured(f"categorize  {count:,} prompts"), warehouse.transaction() as connection:
        categorize(connection)
    print(f"both        {count:,} prompts: {cpu_seconds() - before:.1f} CPU-s", flush=True)


def compare(texts: list[str]) -> None:
    """The matcher against a loop that looks for every phrase in every prompt."""
    phrases = [f" {phrase} " for phrase in load().meanings]
    before = cpu_seconds()
    for text in texts:
        padded = f" {text.lower()} "
        _ = [phrase for phrase in phrases if phrase in padded]
    naive = cpu_seconds() - before
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "sample.duckdb")
        insert(warehouse, iter(texts), 0)
        with warehouse.transaction() as connection:
            deduplicate(connection)
            before = cpu_seconds()
            categorize(connection)
    ours = cpu_seconds() - before
    print(f"naive loop over {len(texts)} prompts: {naive:.1f} CPU-s, {naive / ours:.1f} times ours ({ours:.1f} CPU-s)")


@contextmanager
def measured(name: str) -> Iterator[None]:
    """Print what a step cost."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {cpu_seconds() - cpu:.1f} CPU-s, {time.perf_counter() - wall:.1f} s, peak memory {peak:,.0f} MB",
        flush=True,
    )


def cpu_seconds() -> float:
    """CPU time of all threads of this process, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    print(f"DuckDB {duckdb.__version__}")
    main()
