"""The commands as a user types them: a home of their own, a sandbox in a process of its own."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from collect_pipeline.cli import main
from collect_pipeline_tests.conftest import empty_warehouse

COMMAND = [sys.executable, "-m", "collect_pipeline"]


@dataclass
class Shell:
    """Runs commands with the environment of one user."""

    environment: dict[str, str]
    database: Path

    def run(self, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        """Run `collect-pipeline` to its end, in this process, which has loaded everything already."""
        out, errors = io.StringIO(), io.StringIO()
        handler = signal.getsignal(signal.SIGTERM)
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
            for name in os.environ.keys() - self.environment.keys():
                patch.delenv(name)
            for name, value in (self.environment | changes).items():
                patch.setenv(name, value)
            try:
                code = main(arguments)
            except SystemExit as exit_:
                code = int(str(exit_.code))
            finally:
                signal.signal(signal.SIGTERM, handler)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), errors.getvalue())

    def run_alone(self, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        """Run `collect-pipeline` to its end in a process of its own."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment | changes,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `collect-pipeline` and leave it running."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of the warehouse."""
        with duckdb.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def image_ids(self) -> list[int]:
        """The ids of all stored images, in order, each as often as it is stored."""
        return [int(str(image_id)) for (image_id,) in self.query("SELECT image_id FROM images ORDER BY image_id")]

    def order(self, name: str, **order: object) -> None:
        """Give the sandbox an order."""
        request = urllib.request.Request(
            f"{self.environment['CIVITAI_BASE_URL']}/_sandbox/{name}", data=json.dumps(order).encode()
        )
        urllib.request.urlopen(request).close()

    @contextmanager
    def faults(self, spec: str) -> Iterator[None]:
        """The sandbox has faults while this lasts."""
        self.order("faults", spec=spec)
        try:
            yield
        finally:
            self.order("faults", spec="")

    def sandbox_state(self) -> dict[str, object]:
        """What the sandbox says of itself."""
        with urllib.request.urlopen(f"{self.environment['CIVITAI_BASE_URL']}/_sandbox/state") as reply:
            state = json.load(reply)
        assert isinstance(state, dict)
        return state


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    """The address of a sandbox that `collect-pipeline sandbox` serves."""
    process = subprocess.Popen([*COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield _address(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _address(process: "subprocess.Popen[str]") -> str:
    for line in process.stdout or []:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found.group()
    raise AssertionError("the sandbox did not start")


@pytest.fixture
def shell(sandbox_url: str, tmp_path: Path) -> Shell:
    """A user with a warehouse that holds nothing yet."""
    own = {
        "CIVITAI_BASE_URL": sandbox_url,
        "CIVITAI_REQUEST_INTERVAL": "0",
        "COLLECT_DATABASE": str(tmp_path / "collect.duckdb"),
        "COLLECT_CONFIRM_AFTER": "0",
        "DAGSTER_HOME": str(tmp_path / "home"),
    }
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("COLLECT_", "CIVITAI_", "DAGSTER_"))
    }
    return Shell(kept | own, empty_warehouse(tmp_path).path)
