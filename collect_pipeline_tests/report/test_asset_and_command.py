"""The report as Dagster makes it and as a person asks for it in a shell."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import instance_for_test

from collect_pipeline.cli import main
from collect_pipeline.definitions import defs
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.conftest import CLAY
from collect_pipeline_tests.report.conftest import UNMASKED, Filled
from collect_pipeline_tests.report.page_reader import read_page
from collect_pipeline_tests.report.small import fill


@pytest.fixture
def exports(filled: Filled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings name the filled warehouse and this folder, which does not exist yet."""
    monkeypatch.setenv("COLLECT_DATABASE", str(filled.warehouse.path))
    monkeypatch.setenv("COLLECT_EXPORT_DIR", str(tmp_path / "exports"))
    return tmp_path / "exports"


def materialize(config: dict[str, bool] | None = None) -> dg.ExecuteInProcessResult:
    with instance_for_test() as instance:
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey("prompt_report")],
            run_config={"ops": {"prompt_report": {"config": config or {}}}},
            raise_on_error=False,
        )


def images_in(markdown: str) -> list[str]:
    return [
        base64.b64decode(data).decode() for data in re.findall(r"!\[.*\]\(data:image/svg\+xml;base64,(.*)\)", markdown)
    ]


def test_the_asset_writes_the_page_and_shows_the_charts(filled: Filled, exports: Path) -> None:
    result = materialize()
    assert result.success
    [event] = result.asset_materializations_for_node("prompt_report")
    metadata = {name: entry.value for name, entry in event.metadata.items()}
    file = exports / "prompt_report.html"
    assert metadata["page"] == str(file)
    assert read_page(file.read_text(encoding="utf-8")).tables
    [(images, prompts)] = filled.query("SELECT count(*), count(DISTINCT prompt_id) FROM images")
    assert metadata["images"] == images
    assert metadata["distinct prompts"] == prompts
    charts = images_in(str(metadata["charts"]))
    assert len(charts) > 20
    shown = " ".join(charts).lower()
    assert not [word for word in UNMASKED if re.search(rf"(?<![a-z]){word}", shown)]
    tables = [value for value in metadata.values() if isinstance(value, dg.TableMetadataValue)]
    assert len(tables) >= 10
    assert all(len(table.records) <= 15 for table in tables)
    assert sum(len(str(value)) for value in metadata.values()) < 1_000_000


@pytest.mark.usefixtures("exports")
def test_the_asset_shows_mature_wording_when_asked() -> None:
    [event] = materialize({"show_mature": True}).asset_materializations_for_node("prompt_report")
    assert "nude_lantern_v2" in " ".join(images_in(str(event.metadata["charts"].value)))


def test_the_asset_depends_on_all_partitions_of_the_categories() -> None:
    graph = defs.resolve_asset_graph()
    node = graph.get(dg.AssetKey("prompt_report"))
    assert node.parent_keys == {dg.AssetKey("categorized_prompts")}
    assert node.group_name == "outputs"
    assert not node.is_partitioned


def test_a_run_that_draws_nothing_loads_nothing_to_draw_with() -> None:
    code = "import sys, collect_pipeline.definitions; print('matplotlib' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_a_place_that_cannot_be_written_fails_with_a_sentence(
    exports: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(warehouse, images=1, versions=1, prompt="castle")
    monkeypatch.setenv("COLLECT_DATABASE", str(warehouse.path))
    exports.touch()
    result = materialize()
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    description = failure.step_failure_data.user_failure_data.description  # type: ignore[union-attr]  # it is there
    assert "cannot be written" in str(description)


def test_the_command_writes_into_the_export_folder(exports: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "collect_pipeline", "report", "--version-id", str(CLAY.version_id)],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    assert str(exports / "prompt_report.html") in done.stdout
    assert "Mature wording is masked" in (exports / "prompt_report.html").read_text(encoding="utf-8")


def test_the_command_writes_what_and_where_it_is_told(exports: Path, tmp_path: Path) -> None:
    file = tmp_path / "one version.html"
    assert main(["report", "--version-id", str(CLAY.version_id), "--out", str(file), "--show-mature"]) == 0
    assert "Mature wording is shown" in file.read_text(encoding="utf-8")
    assert not exports.exists()


def test_the_command_says_which_version_it_does_not_know(exports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--version-id", "5"]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not exports.exists()
