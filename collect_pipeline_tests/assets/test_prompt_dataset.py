"""The asset `prompt_dataset` as Dagster runs it, by itself and after the collection."""

from pathlib import Path

import dagster as dg
import pytest

from collect_pipeline.assets.prompt_dataset import prompt_dataset
from collect_pipeline.definitions import defs
from collect_pipeline.warehouse.connection import Warehouse

KEY = dg.AssetKey("prompt_dataset")


def materialize(instance: dg.DagsterInstance, config: dict[str, object] | None = None) -> dg.ExecuteInProcessResult:
    job = defs.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=[KEY],
        run_config={"ops": {"prompt_dataset": {"config": config}}} if config else None,
        raise_on_error=False,
    )


@pytest.fixture
def place(collected: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COLLECT_DATABASE", str(collected.path))
    monkeypatch.setenv("COLLECT_EXPORT_DIR", str(tmp_path / "exports"))
    return tmp_path / "exports"


def test_it_depends_on_all_partitions_of_the_categories() -> None:
    [spec] = prompt_dataset.specs
    [dependency] = spec.deps
    assert dependency.asset_key == dg.AssetKey("categorized_prompts")
    assert isinstance(dependency.partition_mapping, dg.AllPartitionMapping)
    assert spec.partitions_def is None
    assert spec.group_name == "outputs"


def test_it_writes_parquet_and_shows_the_card(place: Path, instance: dg.DagsterInstance) -> None:
    result = materialize(instance)
    assert result.success
    [event] = result.asset_materializations_for_node("prompt_dataset")
    shown = event.metadata
    assert shown["newest of this format"] == dg.MetadataValue.path(place / "parquet")
    assert shown["dagster/row_count"].value == shown["prompts"].value
    assert str(shown["what is in it"].value).startswith("# ")
    columns = shown["dagster/column_schema"].value
    assert isinstance(columns, dg.TableSchema)
    assert {column.name: column.type for column in columns.columns}["categories"] == "VARCHAR[]"
    assert all(column.description for column in columns.columns)
    assert (place / "parquet" / "README.md").exists()


def test_another_format_is_chosen_in_the_launchpad(place: Path, instance: dg.DagsterInstance) -> None:
    assert materialize(instance, {"format": "csv"}).success
    assert list((place / "csv").rglob("*.csv"))
    assert not (place / "parquet").exists()


def test_an_empty_warehouse_fails_once_with_a_sentence(
    place: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLECT_DATABASE", str(place.parent / "empty.duckdb"))
    result = materialize(instance)
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "nothing to export" in str(failure.step_failure_data.user_failure_data)
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]
