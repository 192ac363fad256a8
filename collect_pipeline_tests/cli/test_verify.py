"""`verify` as users type it."""

import json

from collect_pipeline_tests.cli.conftest import Shell
from collect_pipeline_tests.conftest import CLAY


def test_verify_exits_1_when_something_is_missing_and_0_otherwise(shell: Shell) -> None:
    version = str(CLAY.version_id)
    assert shell.run("follow", str(CLAY.model_id), "--version-id", version).returncode == 0
    missing = shell.run("verify", "--version-id", version, "--json")
    assert missing.returncode == 1, missing.stderr
    [found] = json.loads(missing.stdout)
    assert found["partition_key"] == str(CLAY)
    assert found["missing"]["count"] == len(found["missing"]["image_ids"]) == found["shown"]
    assert shell.run("run", "--model-id", str(CLAY.model_id), "--version-id", version).returncode == 0
    complete = shell.run("verify")
    assert complete.returncode == 0, complete.stderr
    assert "Nothing is missing" in complete.stdout


def test_verify_of_a_version_that_is_not_followed_is_one_sentence(shell: Shell) -> None:
    result = shell.run("verify", "--version-id", "77")
    assert result.returncode == 1
    assert "77" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
