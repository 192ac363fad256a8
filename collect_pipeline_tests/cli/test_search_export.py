"""`search`, `export` and `snapshot` as users type them."""

import json
import os
import pty
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from collect_pipeline.cli import main
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.cli.conftest import COMMAND


@dataclass
class User:
    """Runs commands on a warehouse of his own, in this process unless told otherwise."""

    database: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `collect-pipeline` to its end."""
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(str(end.code))
        return subprocess.CompletedProcess(arguments, code, *self.capture.readouterr())


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> User:
    """A user who has collected nothing yet."""
    monkeypatch.setenv("COLLECT_DATABASE", str(tmp_path / "collect.duckdb"))
    monkeypatch.setenv("COLLECT_EXPORT_DIR", str(tmp_path / "exports"))
    return User(tmp_path / "collect.duckdb", capsys)


@pytest.fixture
def filled(user: User, collected: Warehouse) -> User:
    """A user whose warehouse holds what was collected."""
    collected.copy_to(user.database)
    return user


def on_a_terminal(*arguments: str) -> str:
    """What a command prints to a terminal of 100 columns, in a process of its own."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [*COMMAND, *arguments],
        env=os.environ | {"COLUMNS": "100", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 4096):
            text += piece
    except OSError:
        pass  # how the end of a terminal is told
    os.close(ours)
    assert command.wait(timeout=60) == 0
    return text.decode()


def test_search_prints_a_line_a_prompt_in_a_pipe_and_json_if_asked(filled: User) -> None:
    lines = filled.run("search", "lantern", "--limit", "5")
    assert lines.returncode == 0, lines.stderr
    rows = [line.split("\t") for line in lines.stdout.splitlines()]
    assert [len(row) for row in rows] == [6] * 5
    assert all("lantern" in row[-1].lower() for row in rows)
    assert "match" in lines.stderr
    listed = json.loads(filled.run("search", "lantern", "--limit", "5", "--json").stdout)
    assert [str(prompt["prompt_id"]) for prompt in listed] == [row[0] for row in rows]
    assert {"prompt", "categories", "keywords", "reactions", "best_image"} <= set(listed[0])


def test_search_without_a_result_is_no_failure(filled: User) -> None:
    nothing = filled.run("search", "xyzzy", "--json")
    assert nothing.returncode == 0, nothing.stderr
    assert json.loads(nothing.stdout) == []
    assert nothing.stderr.strip() == "No prompt matches."
    phrase = filled.run("search", "xyzzy plugh")
    assert (phrase.returncode, phrase.stdout) == (0, "")
    assert "without, in any order" in phrase.stderr


def test_search_hides_mature_wording_and_says_so(filled: User) -> None:
    hidden = filled.run("search", "--category", "nsfw", "--limit", "100", "--similar")
    [sentence] = hidden.stderr.strip().splitlines()
    count = int(sentence.split()[0])
    assert "add --mature" in sentence
    shown = filled.run("search", "--category", "nsfw", "--limit", "100", "--similar", "--mature")
    assert shown.stderr == ""
    assert len(shown.stdout.splitlines()) == len(hidden.stdout.splitlines()) + count


def test_search_shows_a_table_on_a_terminal_that_no_prompt_can_disturb(filled: User) -> None:
    with duckdb.connect(filled.database) as connection:
        connection.execute(
            "UPDATE prompts SET "
            "prompt = chr(27) || '[2J [bold]zeppelin[/bold] :smile: ' || chr(7) || repeat('x', 400), "
            "best_reactions = 9999 WHERE prompt_id = "
            "(SELECT prompt_id FROM prompt_categories WHERE nsfw_level = 'none' ORDER BY prompt_id LIMIT 1)"
        )
    text = on_a_terminal("search", "--limit", "3")
    assert "Reactions" in text
    assert "9999" in text
    assert "[2J [bold]zeppelin[/bold] :smile:" in text
    assert "\x1b[2J" not in text
    assert "\x07" not in text
    assert "…" in text
    assert "3 shown," in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["search", "!!"], "no word"),
        (["search", "--category", "weather"], "weather"),
        (["search", "--limit", "0"], "whole number"),
        (["search", "--nsfw-level", "wild"], "wild"),
        (["search", "--version-id", "0"], "whole number from 1 to 2147483647"),
        (["search", "--version-id", "2147483648"], "whole number from 1 to 2147483647"),
        (["search", "--min-length", "99999999999"], "whole number from 0 to 2147483647"),
        (["search", "--max-length", "-1"], "whole number from 0 to 2147483647"),
        (["search", "--min-reactions", "9" * 5000], "whole number from 0 to 2147483647"),
        (["export", "--format", "xlsx"], "xlsx"),
    ],
)
def test_wrong_usage_is_exit_code_2(filled: User, arguments: list[str], words: str) -> None:
    result = filled.run(*arguments)
    assert result.returncode == 2, result.stderr
    assert words in result.stderr.strip().splitlines()[-1]


def test_export_writes_the_dataset_to_the_settings_folder_or_elsewhere(filled: User, tmp_path: Path) -> None:
    done = filled.run("export")
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "exports" / "parquet") in done.stdout
    assert (tmp_path / "exports" / "parquet" / "README.md").exists()
    other = filled.run("export", "--format", "jsonl", "--out", str(tmp_path / "elsewhere"))
    assert other.returncode == 0, other.stderr
    assert list((tmp_path / "elsewhere" / "jsonl").rglob("*.jsonl"))


def test_an_export_that_cannot_be_made_is_one_sentence(user: User, tmp_path: Path) -> None:
    empty = user.run("export", "--out", str(tmp_path / "out"))
    assert empty.returncode == 1
    assert empty.stderr.strip() == (
        "collect-pipeline: there is nothing to export yet; collect first, with `collect-pipeline run`."
    )
    user.database.unlink()
    user.database.write_text("no database " * 500)
    assert user.run("export", "--out", str(tmp_path / "out")).returncode == 4


def test_export_to_a_place_that_cannot_be_written_is_exit_code_1(filled: User, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = filled.run("export", "--out", str(tmp_path / "file"))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1


def test_snapshot_writes_a_copy_that_stays_open_while_others_write(filled: User, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    done = filled.run("snapshot", str(copy))
    assert done.returncode == 0, done.stderr
    assert str(copy) in done.stdout
    with duckdb.connect(copy) as reader:
        with Warehouse(filled.database, patience=0.0).transaction() as connection:
            connection.execute("DELETE FROM image_versions")
        assert reader.execute("SELECT count(*) > 100 FROM v_images").fetchone() == (True,)
    refused = filled.run("snapshot", str(tmp_path / "no folder" / "copy.duckdb"))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
