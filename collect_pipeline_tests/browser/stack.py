"""The whole of it as `make ui` starts it, beside an offline CivitAI: web server, daemon and code server of their own.

Also used by `docs/take_screenshots.py`. Knows nothing of browsers.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline.warehouse.connection import Warehouse

ROOT = Path(__file__).resolve().parent.parent.parent
# The queue of the shipped dagster.yaml is looked at every five seconds; nobody should wait for that in a test.
_QUICK_QUEUE = """
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config: {dequeue_interval_seconds: 1}
"""
_START_SECONDS = 90.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Stack:
    """A running Dagster UI at `url`, collecting from `sandbox`; `log` is what its processes say."""

    url: str
    sandbox: Sandbox
    warehouse: Warehouse
    log: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> None:
        """Run `collect-pipeline` as somebody at a terminal beside the UI would."""
        subprocess.run(
            [sys.executable, "-m", "collect_pipeline", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def log_tail(self, lines: int = 60) -> str:
        """The last lines of what the processes said."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def running_stack(folder: Path, confirm_after: float = 0) -> Iterator[Stack]:
    """Start the sandbox and Dagster with a home and a warehouse in `folder`; end them afterwards.

    confirm_after: seconds before the end of a list is asked for again, the setting COLLECT_CONFIRM_AFTER.

    Raises RuntimeError with the end of the log if the UI does not start.
    """
    home = folder / "home"
    home.mkdir()
    shipped = (ROOT / ".dagster_home" / "dagster.yaml").read_text()
    (home / "dagster.yaml").write_text(shipped + _QUICK_QUEUE)
    with Sandbox(SandboxOptions(seed=7)) as sandbox:
        environment = _inherited() | {
            "CIVITAI_BASE_URL": sandbox.url,
            "CIVITAI_REQUEST_INTERVAL": "0.05",
            "COLLECT_CONFIRM_AFTER": str(confirm_after),
            "COLLECT_DATABASE": str(folder / "collect.duckdb"),
            "COLLECT_EXPORT_DIR": str(folder / "exports"),
            "DAGSTER_GRPC_TIMEOUT_SECONDS": "180",
            "DAGSTER_HOME": str(home),
        }
        port = _free_port()
        stack = Stack(
            f"http://127.0.0.1:{port}",
            sandbox,
            Warehouse(folder / "collect.duckdb"),
            folder / "dagster.log",
            environment,
        )
        with _dagster(port, environment, stack.log) as process:
            _wait_until_it_answers(stack, process)
            yield stack


@contextmanager
def _dagster(port: int, environment: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    dg = shutil.which("dg", path=str(Path(sys.executable).parent)) or "dg"
    command = [dg, "dev", "-w", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        # A session of its own: an interrupt must reach all six processes, and only them.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=_STOP_SECONDS)
    except ProcessLookupError:
        process.wait()
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_it_answers(stack: Stack, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{stack.url}/server_info", timeout=5).raise_for_status()
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise RuntimeError(f"The Dagster UI did not start. Its last words:\n{stack.log_tail()}")


def _inherited() -> dict[str, str]:
    own = ("COLLECT_", "CIVITAI_", "DAGSTER_")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
