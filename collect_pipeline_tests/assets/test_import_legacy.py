"""The job `import_legacy` on a real instance, into a real warehouse."""

from pathlib import Path

import dagster as dg

from collect_pipeline.definitions import defs
from collect_pipeline_tests.conftest import CLAY, Setup
from collect_pipeline_tests.legacy.old_file import MODEL, VERSION, build, prompt_row, state_row

KEY = f"{MODEL}@{VERSION}"


def execute(instance: dg.DagsterInstance, file: str | None) -> dg.ExecuteInProcessResult:
    """Run the job; without a file as the Launchpad offers it."""
    config = {"ops": {"import_legacy_file": {"config": {"file": file}}}} if file else None
    job = defs.resolve_job_def("import_legacy")
    return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the one step that failed says."""
    [failed] = [event for event in result.all_events if event.is_step_failure]
    return str(failed.step_failure_data.user_failure_data.description)  # type: ignore[union-attr]  # it is there


def test_the_job_takes_over_a_file(environment: Setup, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    path = build(tmp_path / "old.db", prompts=[prompt_row(), prompt_row("x")], states=[state_row()])
    result = execute(instance, str(path))
    assert result.success
    assert KEY in instance.get_dynamic_partitions("model_version")
    assert environment.query("SELECT total_collected FROM collection_state") == [(1,)]
    assert environment.query("SELECT count(*) > 0 FROM prompt_categories") == [(True,)]
    assert environment.query("SELECT DISTINCT run_id FROM raw_pages") == [(result.run_id,)]
    [event] = result.asset_materializations_for_node("import_legacy_file")
    shown = event.metadata["what came over"]
    assert isinstance(shown, dg.TableMetadataValue)
    assert {record.data["table"]: record.data["came over"] for record in shown.records} == {
        "civitai_prompts": 1,
        "prompt_categories": 0,
        "prompt_resources": 0,
        "collection_state": 1,
    }


def test_a_file_that_is_none_fails_once_with_a_sentence(environment: Setup, instance: dg.DagsterInstance) -> None:
    environment.warehouse.path.unlink()
    assert "cannot be opened" in failure(execute(instance, None))
    assert not environment.warehouse.path.exists()


def test_into_what_a_sandbox_filled_nothing_is_taken_over(
    environment: Setup, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    environment.run(CLAY, max_items=5)
    path = build(tmp_path / "old.db", prompts=[prompt_row()], states=[state_row()])
    assert "must not be mixed into" in failure(execute(instance, str(path)))
    assert environment.query("SELECT count(*) FROM images") == [(5,)]
