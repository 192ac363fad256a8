"""Runs whose process is gone are ended; those that somebody still works on are left alone."""

import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.test_utils import create_run_for_test

from collect_pipeline.automation.dead_runs import end_killed_runs
from collect_pipeline.definitions import defs
from collect_pipeline.warehouse.claims import claim
from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup


@pytest.fixture
def living() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that waits to be ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def run_of(instance: dg.DagsterInstance, pid: int) -> dg.DagsterRun:
    """A run under way, as the process says that executes it."""
    run: dg.DagsterRun = create_run_for_test(instance, job_name="collect", status=dg.DagsterRunStatus.STARTED)
    instance.report_engine_event("Executing steps", run, EngineEventData.in_process(pid), job_name="collect")
    return run


def tick(instance: dg.DagsterInstance) -> str:
    result = end_killed_runs(dg.build_sensor_context(instance=instance, resources=dict(defs.resources or {})))
    assert isinstance(result, dg.SkipReason)
    return result.skip_message or ""


def status_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    stored = instance.get_run_by_id(run.run_id)
    assert stored is not None
    return stored.status


def test_a_run_is_ended_once_its_process_is_killed_and_its_state_says_idle(
    environment: Setup, instance: dg.DagsterInstance, living: "subprocess.Popen[bytes]"
) -> None:
    environment.complete(CLAY)
    environment.complete(LANTERN)
    with environment.warehouse.transaction() as connection:
        connection.execute("UPDATE collection_state SET status = 'running'")
    run = run_of(instance, living.pid)
    assert run.run_id not in tick(instance)
    assert status_of(instance, run) is dg.DagsterRunStatus.STARTED
    living.kill()
    living.wait()
    with claim(environment.warehouse.path, str(LANTERN)):
        assert run.run_id in tick(instance)
    assert status_of(instance, run) is dg.DagsterRunStatus.FAILURE
    assert environment.state(CLAY).status == "idle"
    assert environment.state(LANTERN).status == "running"


@pytest.mark.usefixtures("environment")
def test_a_run_that_was_asked_for_just_now_is_left_alone(instance: dg.DagsterInstance) -> None:
    waiting = [
        create_run_for_test(instance, job_name="collect", status=status)
        for status in (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING)
    ]
    tick(instance)
    assert [status_of(instance, run) for run in waiting] == [run.status for run in waiting]
