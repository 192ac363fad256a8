"""The sensor and the schedule: what they ask for, what they leave alone, and what they say."""

import dagster as dg

from collect_pipeline.automation.sensors import follow_versions
from collect_pipeline.collection.due import in_turn
from collect_pipeline.definitions import defs
from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources=dict(defs.resources or {}))
    result = follow_versions(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def follow(setup: Setup, *urls: str, instance: dg.DagsterInstance) -> None:
    for url in urls:
        result = defs.resolve_job_def("follow_model").execute_in_process(
            instance=instance, run_config={"ops": {"follow_versions_of_model": {"config": {"model": url}}}}
        )
        assert result.success


def test_with_nothing_followed_it_says_how_to_begin(environment: Setup, instance: dg.DagsterInstance) -> None:
    result = tick(instance)
    assert isinstance(result, dg.SkipReason)
    assert "follow_model" in (result.skip_message or "")


def test_a_version_that_was_never_collected_gets_a_run_of_its_own(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    follow(environment, str(CLAY), instance=instance)
    before = len(environment.sandbox.requests)
    result = tick(instance)
    assert isinstance(result, dg.SensorResult)
    [request] = result.run_requests or []
    assert (request.job_name, request.partition_key) == ("collect", str(CLAY))
    assert len(environment.sandbox.requests) == before


def test_complete_versions_that_are_due_share_one_run_and_only_news_are_materialized(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    follow(environment, str(CLAY), str(LANTERN), instance=instance)
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
