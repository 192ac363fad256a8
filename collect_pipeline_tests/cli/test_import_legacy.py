"""`collect-pipeline import-legacy` as a user runs it, and the job that does the same."""

import json
from pathlib import Path

import dagster as dg
import pytest

from collect_pipeline_tests.cli.conftest import Shell
from collect_pipeline_tests.conftest import CLAY
from collect_pipeline_tests.legacy.old_file import IMAGE, MODEL, VERSION, build, category_row, prompt_row, state_row

KEY = f"{MODEL}@{VERSION}"


def old_file(path: Path) -> Path:
    """Three prompts, one of them without an id; one version that was collected."""
    return build(
        path,
        prompts=[
            prompt_row(),
            prompt_row(IMAGE + 1, "a cat at dusk", raw_metadata=None),
            prompt_row("nameless", "lost?"),
        ],
        categories=[category_row()],
        states=[state_row()],
    )


def test_the_report_says_what_came_over_and_status_goes_on(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_file(tmp_path / "old.db")
    first = shell.run("import-legacy", str(path))
    assert first.returncode == 0, first.stderr
    assert "civitai_prompts: 1 left: civitai_id is no positive whole number" in first.stdout
    assert "prompt_resources: not in this file" in first.stdout
    assert f"Followed: {KEY}." in first.stdout
    [status] = json.loads(shell.run("status", "--json").stdout)
    assert (status["partition_key"], status["total_collected"], status["phase"]) == (KEY, 2, "draining")
    monkeypatch.setenv("DAGSTER_HOME", shell.environment["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        assert instance.get_dynamic_partitions("model_version") == [KEY]
        event = instance.get_latest_materialization_event(dg.AssetKey("model_versions"))
    assert event is not None
    assert event.asset_materialization is not None
    assert "what came over" in event.asset_materialization.metadata
    second = json.loads(shell.run("import-legacy", "--json", str(path)).stdout)
    assert [(t["rows"], t["came_over"], t["already_there"], t["left"]) for t in second["tables"]] == [
        (3, 0, 2, 1),
        (1, 0, 1, 0),
        (0, 0, 0, 0),
        (1, 0, 1, 0),
    ]
    assert shell.image_ids() == [IMAGE, IMAGE + 1]


def test_a_file_that_is_none_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    shell.database.unlink()
    (tmp_path / "notes.db").write_text("not a database")
    for name, words in (("nowhere.db", "cannot be opened"), ("notes.db", "no SQLite database")):
        result = shell.run("import-legacy", str(tmp_path / name))
        assert result.returncode == 1
        assert words in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    assert not shell.database.exists()


def test_a_warehouse_that_cannot_be_used_is_exit_code_4(shell: Shell, tmp_path: Path) -> None:
    shell.database.write_text("no database " * 500)
    result = shell.run("import-legacy", str(old_file(tmp_path / "old.db")))
    assert result.returncode == 4
    assert len(result.stderr.strip().splitlines()) == 1


def test_into_what_a_sandbox_filled_nothing_is_taken_over(shell: Shell, tmp_path: Path) -> None:
    shell.run("follow", str(CLAY))
    result = shell.run("import-legacy", str(old_file(tmp_path / "old.db")))
    assert result.returncode == 4
    assert "must not be mixed into" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert shell.image_ids() == []
