"""A Dagster instance, and the environment that points the assets at a sandbox and a warehouse."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import instance_for_test

from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A real instance on disk that knows two partitions."""
    with instance_for_test() as instance:
        instance.add_dynamic_partitions("model_version", [str(LANTERN), str(CLAY)])
        yield instance


@pytest.fixture
def environment(setup: Setup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Setup:
    """The settings name the sandbox and the warehouse of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CIVITAI_BASE_URL", setup.sandbox.url)
    monkeypatch.setenv("CIVITAI_REQUEST_INTERVAL", "0")
    monkeypatch.setenv("COLLECT_DATABASE", str(setup.warehouse.path))
    monkeypatch.setenv("COLLECT_CONFIRM_AFTER", "0")
    monkeypatch.delenv("CIVITAI_API_KEY", raising=False)
    monkeypatch.delenv("COLLECT_BROWSING_LEVEL", raising=False)
    return setup
