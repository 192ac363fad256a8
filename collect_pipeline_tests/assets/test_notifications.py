"""The sensor that tells of failed runs."""

import dagster as dg
import pytest

from collect_pipeline.automation.notifications import failure_sentence, report_failed_runs
from collect_pipeline.definitions import defs
from collect_pipeline_tests.conftest import LANTERN, Setup


@dg.op
def break_down() -> None:
    raise ZeroDivisionError("no such number")


@dg.job
def breaking() -> None:
    break_down()


def context_of(result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> dg.RunFailureSensorContext:
    return dg.build_run_status_sensor_context(
        sensor_name=report_failed_runs.name,
        dagster_event=result.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    ).for_run_failure()


def test_it_is_defined_and_off() -> None:
    sensor = defs.resolve_sensor_def(report_failed_runs.name)
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


def test_a_failure_of_ours_names_the_version_and_what_to_do(environment: Setup, instance: dg.DagsterInstance) -> None:
    environment.sandbox.set_faults("unauthorized-401")
    result = defs.resolve_job_def("collect").execute_in_process(
        instance=instance, partition_key=str(LANTERN), raise_on_error=False
    )
    sentence = failure_sentence(context_of(result, instance))
    assert str(LANTERN) in sentence
    assert "collect" in sentence
    assert "next run goes on" in sentence
    assert len(sentence.splitlines()) == 1


def test_any_other_failure_says_where_to_look(instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]) -> None:
    result = breaking.execute_in_process(instance=instance, raise_on_error=False)
    context = context_of(result, instance)
    assert "Dagster UI" in failure_sentence(context)
    report_failed_runs(context)
    assert failure_sentence(context) in capfd.readouterr().err
