"""The jobs as Dagster runs them: on a real instance, against the sandbox, into a real warehouse."""

from collections.abc import Mapping

import dagster as dg
import pytest

from collect_pipeline.definitions import defs
from collect_pipeline_tests.conftest import ATLAS, CLAY, LANTERN, Setup


def execute(
    instance: dg.DagsterInstance,
    job: str,
    partition_key: str | None = None,
    run_config: Mapping[str, object] | None = None,
) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance, partition_key=partition_key, run_config=run_config, raise_on_error=False
    )


def test_definitions_are_what_users_rely_on() -> None:
    dg.Definitions.validate_loadable(defs)
    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}
    assert keys >= {"model_versions", "raw_pages", "deduplicated_prompts", "categorized_prompts"}
    jobs = {job.name for job in defs.resolve_all_job_defs()}
    assert jobs >= {"collect", "collect_only", "follow_model", "collect_followed"}


def test_collect_goes_from_pages_to_categories(environment: Setup, instance: dg.DagsterInstance) -> None:
    result = execute(instance, "collect", str(LANTERN))
    assert result.success
    assert environment.stored() == environment.shown()
    [(prompts, categorized, lost)] = environment.query(
        "SELECT (SELECT count(*) FROM prompts), (SELECT count(DISTINCT prompt_id) FROM prompt_categories), "
        "(SELECT count(*) FROM images WHERE prompt IS NOT NULL AND prompt_id IS NULL)"
    )
    assert prompts == categorized
    assert isinstance(prompts, int)
    assert prompts > 50
    assert lost == 0
    checks = result.get_asset_check_evaluations()
    assert len(checks) == 5
    assert all(check.passed for check in checks)


def test_materializations_carry_what_a_person_reads(environment: Setup, instance: dg.DagsterInstance) -> None:
    result = execute(instance, "collect", str(LANTERN), {"ops": {"raw_pages": {"config": {"max_items": 50}}}})
    [pages] = result.asset_materializations_for_node("raw_pages")
    assert pages.metadata["collected"].value == 50
    assert pages.metadata["new"].value == 50
    assert pages.metadata["next cursor"].value == environment.state().next_page_cursor
    assert "latest images" in pages.metadata
    columns = pages.metadata["dagster/column_schema"].value
    assert isinstance(columns, dg.TableSchema)
    assert "payload" in {column.name for column in columns.columns}
    [categories] = result.asset_materializations_for_node("categorized_prompts")
    assert "examples" in categories.metadata


@pytest.mark.usefixtures("environment")
def test_the_second_run_touches_only_what_is_new(instance: dg.DagsterInstance) -> None:
    execute(instance, "collect", str(LANTERN), {"ops": {"raw_pages": {"config": {"max_items": 50}}}})
    result = execute(instance, "collect", str(LANTERN), {"ops": {"raw_pages": {"config": {"max_items": 10}}}})
    [prompts] = result.asset_materializations_for_node("deduplicated_prompts")
    looked_at = prompts.metadata["images looked at"].value
    assert isinstance(looked_at, int)
    assert 0 < looked_at <= 10


def test_collect_only_leaves_categories_alone(environment: Setup, instance: dg.DagsterInstance) -> None:
    assert execute(instance, "collect_only", str(CLAY)).success
    assert environment.query("SELECT count(*) FROM prompt_categories") == [(0,)]
    assert environment.query("SELECT count(*) > 0 FROM prompts") == [(True,)]


def test_a_partition_added_by_hand_registers_its_version(environment: Setup, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("model_version", [str(ATLAS)])
    config = {"ops": {"raw_pages": {"config": {"max_items": 5}}}}
    assert execute(instance, "collect", str(ATLAS), config).success
    assert environment.query("SELECT model_name FROM model_versions") == [("Atlas of Small Worlds",)]


@pytest.mark.parametrize("key", ["not a key", "999999@888888"])
def test_a_wrong_partition_fails_once_with_a_sentence(
    environment: Setup, instance: dg.DagsterInstance, key: str
) -> None:
    instance.add_dynamic_partitions("model_version", [key])
    result = execute(instance, "collect", key)
    assert not result.success
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]
    [failure] = [event for event in result.all_events if event.is_step_failure]
    description = failure.step_failure_data.user_failure_data.description  # type: ignore[union-attr]  # it is there
    assert description
    assert key.partition("@")[0] in description
    assert environment.query("SELECT count(*) FROM raw_pages") == [(0,)]


def test_follow_model_makes_partitions_of_all_versions(environment: Setup, instance: dg.DagsterInstance) -> None:
    url = f"https://civitai.com/models/{LANTERN.model_id}/some-name?modelVersionId={LANTERN.version_id}"
    model = {
        "ops": {"follow_versions_of_model": {"config": {"model": f"{environment.sandbox.url}/models/{ATLAS.model_id}"}}}
    }
    assert execute(instance, "follow_model", run_config=model).success
    version = {"ops": {"follow_versions_of_model": {"config": {"model": url}}}}
    assert execute(instance, "follow_model", run_config=version).success
    assert str(ATLAS) in instance.get_dynamic_partitions("model_version")
    followed = {key for (key,) in environment.query("SELECT partition_key FROM model_versions WHERE followed")}
    assert followed == {str(ATLAS), str(LANTERN)}


def test_follow_model_with_nonsense_says_what_to_give(environment: Setup, instance: dg.DagsterInstance) -> None:
    result = execute(instance, "follow_model")
    assert not result.success
    assert environment.query("SELECT count(*) FROM model_versions") == [(0,)]


@pytest.mark.usefixtures("environment")
def test_model_versions_shows_what_is_followed(instance: dg.DagsterInstance) -> None:
    execute(instance, "collect_only", str(CLAY))
    everything = defs.resolve_implicit_global_asset_job_def()
    result = everything.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("model_versions")])
    [event] = result.asset_materializations_for_node("model_versions")
    assert event.metadata["dagster/row_count"].value == 1


def test_the_api_key_is_checked_and_never_written(
    environment: Setup, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVITAI_API_KEY", "wrong-key-4711")
    refused = execute(instance, "collect_only", str(CLAY))
    assert not refused.success
    monkeypatch.setenv("CIVITAI_API_KEY", "sandbox-key")
    accepted = execute(instance, "collect_only", str(CLAY))
    assert accepted.success
    for run_id in (refused.run_id, accepted.run_id):
        log = " ".join(str(entry) for entry in instance.all_logs(run_id))
        assert "wrong-key" not in log
        assert "sandbox-key" not in log
    assert b"sandbox-key" not in environment.warehouse.path.read_bytes()
