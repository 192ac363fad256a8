"""The sandbox as a process of its own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

COMMAND = [sys.executable, "-m", "collect_pipeline.sandbox"]


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the sandbox, ended at the latest with the block."""
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], last: str) -> list[str]:
    """The lines that a process prints, up to the one with `last`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if last in line:
            return lines
    raise AssertionError(f"the output ended without {last!r}: {lines}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_serves_and_ends_on_a_signal(number: signal.Signals) -> None:
    with running("--port", "0", "--seed", "5") as process:
        lines = read_until(process, "Ctrl-C")
        [setting] = [line.strip() for line in lines if "CIVITAI_BASE_URL=" in line]
        address = setting.removeprefix("CIVITAI_BASE_URL=")
        assert any("Paper Lantern Watercolour (LORA)" in line for line in lines)
        assert any(f"curl -X POST {address}/_sandbox/publish" in line for line in lines)
        assert requests.get(f"{address}/api/v1/images?limit=1", timeout=10).status_code == 200
        process.send_signal(number)
        assert process.wait(timeout=5) == 0


def failing(*options: str) -> subprocess.CompletedProcess[str]:
    """A process of the sandbox that is expected to end by itself."""
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=20, check=False)


def test_a_taken_port_is_one_sentence_and_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = failing("--port", str(taken.getsockname()[1]))
    assert result.returncode == 1
    assert "Address already in use" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_file_is_one_sentence_and_code_1(tmp_path: Path) -> None:
    result = failing("--port", "0", "--prompts", str(tmp_path / "none.jsonl"))
    assert result.returncode == 1
    assert "cannot be read" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options", [("--faults", "no-such"), ("--port", "70000"), ("--route", "x"), ("--latency", "-1")]
)
def test_wrong_usage_is_code_2(options: tuple[str, str]) -> None:
    assert failing(*options).returncode == 2


def test_help_lists_the_faults() -> None:
    result = failing("--help")
    assert "bulkhead-503" in result.stdout
    assert "cursor-cycle" in result.stdout


def test_the_sandbox_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; import collect_pipeline.sandbox;"
        "names = {name.partition('.')[0] for name in sys.modules};"
        "ours = {name for name in sys.modules if name.startswith('collect_pipeline')"
        " and not name.startswith('collect_pipeline.sandbox')};"
        "print(ours, names & {'requests', 'duckdb', 'dagster', 'pydantic', 'pandas'})"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert result.stdout == "{'collect_pipeline'} set()\n"
