"""The commands as users type them: what they print, what they leave behind, how they fail."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import dagster as dg
import pytest

from collect_pipeline.warehouse.claims import claim
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.civitai.fake_source import FakeSource, json_answer
from collect_pipeline_tests.cli.conftest import Shell
from collect_pipeline_tests.conftest import CLAY, LANTERN, LANTERN_OLD

CLOSING_LINE = re.compile(
    r"Collected: (\d+) Valid: (\d+) New: (\d+) Duplicates: (\d+) Rejected: (\d+) Next: (\S+) Levels: (.+)"
)


def closing(output: str) -> dict[str, str]:
    """The fields of the closing line, which is the last."""
    match = CLOSING_LINE.fullmatch(output.strip().splitlines()[-1])
    assert match, output
    return dict(
        zip(("collected", "valid", "new", "duplicates", "rejected", "next", "levels"), match.groups(), strict=True)
    )


def test_a_limited_run_collects_exactly_its_items_and_the_next_starts_behind_them(shell: Shell) -> None:
    first = shell.run_alone("run", "--version-id", str(LANTERN.version_id), "--max-items", "150")
    assert first.returncode == 0, first.stderr
    assert closing(first.stdout)["collected"] == closing(first.stdout)["new"] == "150"
    assert closing(first.stdout)["levels"] == "PG"
    second = shell.run("run", "--model-id", str(LANTERN.model_id), "--version-id", str(LANTERN.version_id))
    fields = closing(second.stdout)
    assert fields["duplicates"] == "0"
    assert fields["next"] == "end"
    assert shell.query("SELECT first_offset FROM raw_pages WHERE first_offset >= 150 ORDER BY 1 LIMIT 1") == [(150,)]
    assert shell.query("SELECT count(*) - count(DISTINCT image_id) FROM images") == [(0,)]
    assert shell.query("SELECT count(*) > 0 FROM prompt_categories") == [(True,)]


def test_a_run_is_a_dagster_run_of_the_job_collect(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell.run("run", "--version-id", str(CLAY.version_id), "--model-id", str(CLAY.model_id)).returncode == 0
    monkeypatch.setenv("DAGSTER_HOME", shell.environment["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs()
        assert (run.job_name, run.status) == ("collect", dg.DagsterRunStatus.SUCCESS)
        assert run.tags["dagster/partition"] == str(CLAY)


def test_follow_shows_versions_and_status_lists_them(shell: Shell) -> None:
    followed = shell.run("follow", f"https://civitai.com/models/{LANTERN.model_id}")
    assert followed.returncode == 0, followed.stderr
    assert str(LANTERN) in followed.stdout
    rows = json.loads(shell.run("status", "--json").stdout)
    assert {row["partition_key"] for row in rows} >= {str(LANTERN)}
    assert {row["phase"] for row in rows} == {"not begun"}
    assert str(LANTERN) in shell.run("status").stdout


def test_unfollow_deletes_nothing(shell: Shell) -> None:
    shell.run("run", "--model-id", str(CLAY.model_id), "--version-id", str(CLAY.version_id))
    stopped = shell.run("unfollow", str(CLAY))
    assert stopped.returncode == 0
    assert shell.query("SELECT count(*) > 0 FROM images") == [(True,)]
    assert json.loads(shell.run("status", "--json").stdout) == []
    again = shell.run("unfollow", str(CLAY))
    assert again.returncode == 1
    assert len(again.stderr.strip().splitlines()) == 1


def test_a_run_does_not_follow_again_what_was_unfollowed(shell: Shell) -> None:
    shell.run("follow", str(CLAY))
    url = f"https://civitai.com/models/{CLAY.model_id}/clay?modelVersionId={CLAY.version_id}"
    assert str(CLAY) in shell.run("unfollow", url).stdout
    assert shell.run("run", "--model-id", str(CLAY.model_id), "--version-id", str(CLAY.version_id)).returncode == 0
    assert shell.query("SELECT followed FROM model_versions") == [(False,)]
    shell.run("follow", str(CLAY))
    assert shell.query("SELECT followed FROM model_versions") == [(True,)]


def test_one_version_that_fails_keeps_no_other_from_being_collected(shell: Shell) -> None:
    shell.run("migrate")
    with claim(shell.database, str(LANTERN_OLD)):
        result = shell.run("run", "--model-id", str(LANTERN.model_id), "--max-items", "5")
    assert result.returncode == 1
    assert str(LANTERN_OLD) in result.stderr.strip().splitlines()[-1]
    assert closing(result.stdout)["collected"] == "5"
    assert f"{LANTERN_OLD}=start" in closing(result.stdout)["next"]


def test_a_warehouse_of_the_sandbox_takes_nothing_from_elsewhere(shell: Shell) -> None:
    shell.run("run", "--model-id", str(CLAY.model_id), "--version-id", str(CLAY.version_id))
    with Warehouse(shell.database).transaction() as connection:
        connection.execute("UPDATE source_origin SET base_url = 'https://civitai.com', is_local = false")
    before = shell.image_ids()
    for command in (["run", "--version-id", str(LANTERN.version_id)], ["follow", str(LANTERN)]):
        refused = shell.run(*command)
        assert refused.returncode == 4
        assert "COLLECT_DATABASE" in refused.stderr.strip().splitlines()[-1]
    assert shell.image_ids() == before
    assert shell.query("SELECT partition_key FROM model_versions") == [(str(CLAY),)]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run"], 2, "--model-id"),
        (["run", "--model-id", "0"], 2, "1 to 2147483647"),
        (["run", "--model-id", "abc"], 2, "whole number"),
        (["run", "--model-id", "77777777"], 3, "77777777"),
        (["run", "--model-id", str(LANTERN.model_id), "--version-id", "77777777"], 3, "77777777"),
        (["run", "--model-id", str(LANTERN.model_id), "--max-items", "0"], 2, "whole number"),
        (["run", "--model-id", str(LANTERN.model_id), "--start-cursor", ""], 2, "cursor"),
        (["follow", "https://example.com/models/5"], 2, "example.com"),
        (["follow", "no such thing"], 2, "no such thing"),
        (["follow", str(CLAY.version_id)], 1, "version:"),
        (["unfollow", "5@6"], 1, "5@6"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_input_is_one_sentence_and_changes_nothing(
    shell: Shell, arguments: list[str], code: int, words: str
) -> None:
    result = shell.run(*arguments)
    assert result.returncode == code, result.stderr
    sentence = result.stderr.strip().splitlines()[-1]
    assert words in sentence
    assert "Traceback" not in result.stderr
    assert shell.query("SELECT count(*) FROM raw_pages") == [(0,)]


def test_a_model_id_given_as_version_id_is_recognised(shell: Shell) -> None:
    result = shell.run("run", "--version-id", str(LANTERN.model_id), "--max-items", "3")
    assert result.returncode == 0, result.stderr
    assert "model" in result.stderr
    assert closing(result.stdout)["collected"] == "6"


def test_a_dead_server_is_exit_code_3(shell: Shell) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = shell.run_alone("run", "--version-id", "5", CIVITAI_BASE_URL=f"http://127.0.0.1:{port}")
    assert result.returncode == 3
    assert "Traceback" not in result.stderr
    assert f"127.0.0.1:{port}" in result.stderr.strip().splitlines()[-1]


def test_a_run_that_fails_says_where_the_next_one_goes_on(shell: Shell) -> None:
    pair = ("--model-id", str(LANTERN.model_id), "--version-id", str(LANTERN.version_id))
    cursor = closing(shell.run("run", *pair, "--max-items", "50").stdout)["next"]
    with shell.faults("region-451@2-9"):
        failed = shell.run("run", *pair)
    assert failed.returncode == 3
    assert "451" in failed.stderr.strip().splitlines()[-1]
    assert closing(failed.stdout)["collected"] == "0"
    assert closing(failed.stdout)["next"] == cursor
    [status] = json.loads(shell.run("status", "--json").stdout)
    assert "451" in status["wrong"]


def test_a_version_that_was_given_up_is_exit_code_1_with_the_reason(shell: Shell) -> None:
    with shell.faults("repeat-page"):
        given_up = shell.run("run", "--model-id", str(LANTERN.model_id), "--version-id", str(LANTERN.version_id))
    assert given_up.returncode == 1
    assert "circle" in given_up.stderr.strip().splitlines()[-1]
    assert "Given up for now" in given_up.stderr


def test_status_shows_names_that_look_like_markup(shell: Shell) -> None:
    shell.run("follow", str(CLAY))
    with Warehouse(shell.database).transaction() as connection:
        connection.execute("UPDATE model_versions SET version_name = '[/red] [bold]v1'")
    shown = shell.run("status")
    assert shown.returncode == 0, shown.stderr
    assert "[/red] [bold]v1" in shown.stdout


def test_a_person_at_the_terminal_reads_what_is_waited_for(shell: Shell) -> None:
    with shell.faults("bulkhead-503@2-3"):
        done = shell.run("run", "--model-id", str(CLAY.model_id), "--version-id", str(CLAY.version_id))
    assert done.returncode == 0, done.stderr
    assert "Waiting 2 s before asking again" in done.stderr


def test_a_model_without_versions_cannot_be_followed_yet(shell: Shell) -> None:
    model = json_answer({"id": 55, "name": "Soon", "type": "LORA", "modelVersions": []})
    with FakeSource(by_path={"/models/55": model}) as source:
        result = shell.run("follow", "model:55", CIVITAI_BASE_URL=source.url)
    assert result.returncode == 1
    assert "55" in result.stderr.strip().splitlines()[-1]


def test_a_wrong_key_is_exit_code_3_and_not_repeated(shell: Shell) -> None:
    result = shell.run("run", "--version-id", str(LANTERN.version_id), CIVITAI_API_KEY="my-secret-key")
    assert result.returncode == 3
    assert "CIVITAI_API_KEY" in result.stderr
    assert "my-secret-key" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLLECT_BROWSING_LEVEL", "many"),
        ("CIVITAI_BASE_URL", "http://127.0.0.1:99999"),
        ("CIVITAI_BASE_URL", "http://127.0.0.1:port"),
        ("CIVITAI_BASE_URL", "https://civitai com"),
        ("CIVITAI_BASE_URL", "https://[::1"),
        ("CIVITAI_BASE_URL", "civitai.com"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(shell: Shell, name: str, value: str) -> None:
    result = shell.run("status", **{name: value})
    assert result.returncode == 2
    assert name in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_home_of_dagster_that_cannot_be_used_is_named(shell: Shell) -> None:
    home = shell.database.parent / "home"
    home.mkdir()
    for broken in ("history", "dagster.yaml"):
        (home / broken).write_text("no folder: [")
        result = shell.run("follow", str(CLAY), DAGSTER_HOME=str(home))
        assert result.returncode == 1
        assert str(home) in result.stderr.strip().splitlines()[-1]
        assert "Traceback" not in result.stderr
        (home / broken).unlink()
    (home / "file").touch()
    assert "DAGSTER_HOME" in shell.run("follow", str(CLAY), DAGSTER_HOME=str(home / "file" / "below")).stderr


def test_a_termination_in_the_first_seconds_is_an_interrupt(shell: Shell) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        shell.environment["CIVITAI_BASE_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        running = shell.start("run", "--version-id", "5")
        silent.accept()
        running.terminate()
        _, errors = running.communicate(timeout=30)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors


def test_a_file_that_is_no_database_is_exit_code_4(shell: Shell) -> None:
    shell.database.write_text("no database " * 500)
    result = shell.run("status")
    assert result.returncode == 4
    assert len(result.stderr.strip().splitlines()) == 1


def test_migrate_says_what_it_did(shell: Shell) -> None:
    shell.database.unlink()
    assert "0001 initial" in shell.run("migrate").stdout
    assert "Applied" not in shell.run("migrate").stdout


def _image_requests(shell: Shell) -> int:
    requests = shell.sandbox_state()["requests"]
    assert isinstance(requests, dict)
    return int(requests["by_path"].get("/api/v1/images", 0))


def _wait_for_requests(shell: Shell, before: int) -> None:
    """Until the run has asked for a page of images."""
    for _ in range(600):
        if _image_requests(shell) > before:
            return
        time.sleep(0.05)
    raise AssertionError("the run asked for no page")


@pytest.mark.parametrize("delay", [0.0, 0.4, 1.1])
def test_a_killed_run_is_gone_on_with_and_its_dagster_run_ended(
    shell: Shell, delay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.environment["CIVITAI_REQUEST_INTERVAL"] = "0.4"
    before = _image_requests(shell)
    running = shell.start("run", "--version-id", str(LANTERN.version_id))
    _wait_for_requests(shell, before)
    time.sleep(delay)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    [status] = json.loads(shell.run("status", "--json").stdout)
    assert not status["running"]
    assert shell.query("SELECT status FROM collection_state WHERE status <> 'idle'") == []
    shell.environment["CIVITAI_REQUEST_INTERVAL"] = "0"
    done = shell.run("run", "--version-id", str(LANTERN.version_id))
    assert done.returncode == 0, done.stderr
    assert closing(done.stdout)["next"] == "end"
    shown = _shown_by(shell, LANTERN.version_id)
    assert shell.image_ids() == shown
    monkeypatch.setenv("DAGSTER_HOME", shell.environment["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == ["FAILURE", "SUCCESS"]


def test_a_run_of_dagsters_own_command_that_was_killed_is_ended_too(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("follow", str(LANTERN))
    before = _image_requests(shell)
    shell.environment["CIVITAI_REQUEST_INTERVAL"] = "0.5"
    partition = json.dumps({"dagster/partition": str(LANTERN)})
    command = ["-m", "dagster", "job", "execute", "-j", "collect", "--tags", partition]
    running = subprocess.Popen(
        [sys.executable, *command, "-m", "collect_pipeline.definitions"],
        env=shell.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for_requests(shell, before)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    shell.environment["CIVITAI_REQUEST_INTERVAL"] = "0"
    done = shell.run("run", "--version-id", str(LANTERN.version_id))
    assert done.returncode == 0, done.stderr
    assert closing(done.stdout)["next"] == "end"
    monkeypatch.setenv("DAGSTER_HOME", shell.environment["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == ["FAILURE", "SUCCESS"]


def _shown_by(shell: Shell, version_id: int) -> list[int]:
    ids: list[int] = []
    base = f"{shell.environment['CIVITAI_BASE_URL']}/api/v1/images?modelVersionId={version_id}&limit=200&sort=Oldest"
    cursor = ""
    while True:
        with urllib.request.urlopen(base + (f"&cursor={cursor}" if cursor else "")) as reply:
            page = json.load(reply)
        ids += [item["id"] for item in page["items"]]
        cursor = page["metadata"].get("nextCursor", "").replace("|", "%7C")
        if not cursor:
            return sorted(ids)


def test_an_interrupted_run_is_exit_code_130_and_goes_on_later(shell: Shell) -> None:
    shell.environment["CIVITAI_REQUEST_INTERVAL"] = "0.7"
    before = _image_requests(shell)
    running = shell.start("run", "--version-id", str(LANTERN.version_id))
    _wait_for_requests(shell, before)
    time.sleep(1)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors
    assert shell.query("SELECT status FROM collection_state") == [("idle",)]
    shell.environment["CIVITAI_REQUEST_INTERVAL"] = "0"
    assert closing(shell.run("run", "--version-id", str(LANTERN.version_id)).stdout)["next"] == "end"
    shown = _shown_by(shell, LANTERN.version_id)
    assert shell.image_ids() == shown
