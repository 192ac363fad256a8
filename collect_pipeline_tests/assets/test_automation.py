"""The sensor and the schedule: what they ask for, what they leave alone, and what they say."""

import dagster as dg
import pytest

from collect_pipeline.automation.sensors import follow_versions
from collect_pipeline.collection.due import in_turn
from collect_pipeline.definitions import defs
from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources=dict(defs.resources or {}))
    result = follow_versions(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def follow(*urls: str, instance: dg.DagsterInstance) -> None:
    for url in urls:
        result = defs.resolve_job_def("follow_model").execute_in_process(
            instance=instance, run_config={"ops": {"follow_versions_of_model": {"config": {"model": url}}}}
        )
        assert result.success


@pytest.mark.usefixtures("environment")
def test_with_nothing_followed_it_says_how_to_begin(instance: dg.DagsterInstance) -> None:
    result = tick(instance)
    assert isinstance(result, dg.SkipReason)
    assert "follow_model" in (result.skip_message or "")


def test_a_version_that_was_never_collected_gets_a_run_of_its_own(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    follow(str(CLAY), instance=instance)
    before = len(environment.sandbox.requests)
    result = tick(instance)
    assert isinstance(result, dg.SensorResult)
    [request] = result.run_requests or []
    assert (request.job_name, request.partition_key) == ("collect", str(CLAY))
    assert len(environment.sandbox.requests) == before


def test_complete_versions_that_are_due_share_one_run_and_only_news_are_materialized(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    follow(str(CLAY), str(LANTERN), instance=instance)
    environment.complete(CLAY)
    environment.complete(LANTERN)
    news = environment.sandbox.publish(LANTERN.version_id, 3, age=600)
    result = defs.resolve_job_def("collect_followed").execute_in_process(
        instance=instance,
        run_config={"ops": {"collect_followed_versions": {"config": {"everything": True}}}},
    )
    materialized = {event.partition for event in result.get_asset_materialization_events()}
    assert result.success
    assert set(news) <= set(environment.stored())
    assert materialized == {str(LANTERN)}


def test_keys_take_turns() -> None:
    assert in_turn(["b", "a", "c"], None) == ["a", "b", "c"]
    assert in_turn(["b", "a", "c"], "b") == ["c", "a", "b"]
    assert in_turn(["b", "a"], "z") == ["a", "b"]


MANY = 2_000


def follow_many(setup: Setup, instance: dg.DagsterInstance) -> None:
    """Copies of one complete version, all of them followed and due; one in ten has a walk of its own before it."""
    follow(str(CLAY), instance=instance)
    setup.complete(CLAY)
    with setup.warehouse.transaction() as connection:
        for table, version in (("collection_state", "version_id"), ("model_versions", "model_version_id")):
            connection.execute(
                f"INSERT INTO {table} SELECT {table}.* REPLACE ("  # noqa: S608 - names from the line above
                f"model_id || '@' || {version} + number AS partition_key, {version} + number AS {version}) "
                f"FROM {table}, range(1, ?) AS numbers(number)",
                [MANY],
            )
        connection.execute(
            'UPDATE collection_state SET walk = json_merge_patch(walk, \'{"looked_at": "2026-01-01T00:00:00"}\')'
        )
        connection.execute("DELETE FROM collection_state WHERE version_id % 10 = 0")


def test_a_tick_over_two_thousand_due_versions_asks_the_source_nothing_and_dagster_for_few_runs(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    follow_many(environment, instance)
    before = len(environment.sandbox.requests)
    result = tick(instance)
    assert isinstance(result, dg.SensorResult)
    requests = result.run_requests or []
    assert 1 < len(requests) <= 10
    [round_over_many] = [request for request in requests if request.job_name == "collect_followed"]
    keys = round_over_many.run_config["ops"]["collect_followed_versions"]["config"]["partition_keys"]
    assert len(keys) == len(set(keys)) == MANY - MANY // 10
    assert len(environment.sandbox.requests) == before


def test_versions_with_a_walk_before_them_take_turns_over_the_ticks(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    follow_many(environment, instance)
    served: list[str] = []
    cursor = None
    for _ in range(3):
        result = tick(instance, cursor)
        assert isinstance(result, dg.SensorResult)
        served += [str(request.partition_key) for request in result.run_requests or [] if request.job_name == "collect"]
        cursor = result.cursor
    assert len(served) == len(set(served)) > 3


def run_what_is_asked_for(instance: dg.DagsterInstance) -> list[dg.ExecuteInProcessResult]:
    """A tick of the sensor, and the runs that it asks for."""
    result = tick(instance)
    requests = (result.run_requests or []) if isinstance(result, dg.SensorResult) else []
    return [
        defs.resolve_job_def(request.job_name or "").execute_in_process(
            instance=instance,
            partition_key=request.partition_key,
            run_config=request.run_config,
            raise_on_error=False,
        )
        for request in requests
    ]


def test_a_wrong_key_makes_one_failed_run_and_not_one_a_tick(
    environment: Setup, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(str(CLAY), instance=instance)
    monkeypatch.setenv("CIVITAI_API_KEY", "a-wrong-key")
    [failed] = run_what_is_asked_for(instance)
    assert not failed.success
    assert "CIVITAI_API_KEY" in str(environment.state(CLAY).last_error)
    assert run_what_is_asked_for(instance) == []


def test_a_round_that_failed_is_not_asked_for_again_at_once(
    environment: Setup, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(str(CLAY), instance=instance)
    environment.complete(CLAY)
    environment.query(
        'UPDATE collection_state SET walk = json_merge_patch(walk, \'{"looked_at": "2025-01-01T00:00:00"}\')'
    )
    monkeypatch.setenv("CIVITAI_API_KEY", "a-wrong-key")
    [failed] = run_what_is_asked_for(instance)
    assert (failed.job_def.name, failed.success) == ("collect_followed", False)
    result = tick(instance)
    assert isinstance(result, dg.SkipReason)
    assert "last round failed" in (result.skip_message or "")
