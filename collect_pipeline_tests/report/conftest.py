"""A warehouse filled by the whole pipeline, with wording to mask in it; reports on it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collect_pipeline.categories.matcher import categorize
from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.civitai.target import parse_target, resolve
from collect_pipeline.collection.follow import follow
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.report import Report, build_report, render_page
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.conftest import CLAY, LANTERN, LANTERN_OLD, Setup, empty_warehouse
from collect_pipeline_tests.report.page_reader import PageReader, read_page

MADE_AT = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - the report takes UTC without a zone

PROMPTS = [
    *(["knight, long hair, golden hour, masterpiece <lora:nude_lantern_v2:0.8>"] * 6),
    *(["A knight with long hair at golden hour. <lora:HentaiMix:1>"] * 3),
    "nude, 1girl, rim light",
    "nipples, pussy, 1girl",
    "1girl, cleavage, see-through shirt, forest",
    "1girl, cleavage, forest, rain",
    "少女, 夕暮れ, 傑作 <lora:水彩風:0.7>",
    "少女, 夕暮れ",
    "blood orange on a plate, oil painting",
    "castle <lora:$x$ & <b>bold</b>:1>",
]
"""What the images of the first version say: repeated, near-duplicate, mature, explicit, Japanese, harmless, hostile."""

UNMASKED = ["nude", "nipples", "pussy", "hentai", "cleavage", "see-through"]


@dataclass(frozen=True)
class Filled:
    """A warehouse after several days of collection."""

    setup: Setup

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse."""
        return self.setup.warehouse

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        return self.setup.query(sql, *parameters)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Three versions collected at all levels over three days, deduplicated and categorized."""
    folder = tmp_path_factory.mktemp("report")
    prompts = folder / "prompts.jsonl"
    prompts.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in PROMPTS), encoding="utf-8")
    with Sandbox(SandboxOptions(seed=7, prompts=prompts)) as sandbox:
        setup = Setup(sandbox, empty_warehouse(folder))
        with CivitaiClient(sandbox.url, None, RateLimiter(folder / "limit", 0)) as client:
            for model in (LANTERN.model_id, CLAY.model_id):
                follow(setup.warehouse, resolve(parse_target(f"model:{model}", "civitai.com"), client), sandbox.url)
        for key in (LANTERN, CLAY, LANTERN_OLD):
            setup.run(key, level=31)
            setup.pass_time(days=1)
        with setup.warehouse.transaction() as connection:
            deduplicate(connection)
        with setup.warehouse.transaction() as connection:
            categorize(connection)
        yield Filled(setup)


@pytest.fixture(scope="session")
def report(filled: Filled) -> Report:
    """The report as it is without being asked for anything."""
    return build_report(filled.warehouse, MADE_AT)


@pytest.fixture(scope="session")
def page(report: Report) -> PageReader:
    """The page of the report, read back."""
    return read_page(render_page(report))


@pytest.fixture(scope="session")
def page_file(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file for a browser."""
    file = tmp_path_factory.mktemp("page") / "prompt_report.html"
    file.write_text(render_page(report), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def open_page(filled: Filled) -> PageReader:
    """The page of a report that was asked to mask nothing."""
    return read_page(render_page(build_report(filled.warehouse, MADE_AT, show_mature=True)))
