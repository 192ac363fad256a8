"""Prompts and pages that come from files."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from collect_pipeline.sandbox.content import LANTERN_V2, REPLAY_MODEL, REPLAY_VERSION
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.recorded import SandboxFileError
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline_tests.sandbox.conftest import Client

PROMPTS = [(f"prompt {number} ✨", f"negative {number}") for number in range(250)]


def write_prompts(path: Path) -> Path:
    """A JSON Lines file of PROMPTS, packed when the name says so."""
    lines = [json.dumps({"prompt": prompt, "negative_prompt": negative}) for prompt, negative in PROMPTS]
    data = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def walked_items(client: Client, **params: Any) -> list[Any]:
    """The items of every page."""
    items = []
    cursor = None
    while True:
        page = client.page(cursor=cursor, **params)
        items += page["items"]
        cursor = page["metadata"].get("nextCursor")
        if cursor is None:
            return items


@pytest.mark.parametrize("name", ["prompts.jsonl", "prompts.jsonl.gz"])
def test_every_prompt_of_a_file_is_served_once_in_its_order(tmp_path: Path, name: str) -> None:
    with Sandbox(SandboxOptions(prompts=write_prompts(tmp_path / name))) as sandbox:
        client = Client(sandbox)
        items = walked_items(client)
        assert [(item["meta"]["prompt"], item["meta"]["negativePrompt"]) for item in items] == PROMPTS
        assert [item["id"] for item in items] == sorted({item["id"] for item in items})
        assert sandbox.visible_ids(LANTERN_V2, 31) == [item["id"] for item in items]
        client.session.close()


@pytest.fixture
def recorded(tmp_path: Path) -> list[Path]:
    """Two recorded pages, one of them packed."""
    first = {"items": [{"id": number, "odd": True} for number in range(7)], "metadata": {"nextCursor": 63864}}
    second = {"items": [{"id": number, "meta": {"prompt": "x"}} for number in range(7, 12)], "metadata": {}}
    (tmp_path / "one.json").write_text(json.dumps(first), encoding="utf-8")
    (tmp_path / "two.json.gz").write_bytes(gzip.compress(json.dumps(second).encode()))
    return [tmp_path / "one.json", tmp_path / "two.json.gz"]


@pytest.mark.parametrize(
    "target", [{"modelVersionId": REPLAY_VERSION}, {"modelVersionId": "", "modelId": REPLAY_MODEL}]
)
def test_recorded_items_are_served_as_they_were_whatever_the_filters(
    recorded: list[Path], target: dict[str, Any]
) -> None:
    with Sandbox(SandboxOptions(replay=tuple(recorded))) as sandbox:
        client = Client(sandbox)
        items = walked_items(client, limit=5, browsingLevel=16, sort="Newest", withMeta="false", **target)
        assert [item["id"] for item in items] == list(range(12))
        assert items[0] == {"id": 0, "odd": True}
        assert items[7] == {"id": 7, "meta": {"prompt": "x"}}
        assert sandbox.visible_ids(REPLAY_VERSION) == list(range(12))
        assert client.get(f"models/{REPLAY_MODEL}").json()["modelVersions"][0]["id"] == REPLAY_VERSION
        client.session.close()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"not json", "Line 1 of .* is not JSON"),
        (b'{"prompt": "a"}\n{"text": "b"}', "Line 2 of .* has no text"),
        (b"\x1f\x8bbroken", "damaged gzip"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_bad_file_of_prompts_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "prompts.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SandboxFileError, match=complaint):
        Sandbox(SandboxOptions(prompts=path))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"items": null}', b'{"items": []}', b"{"])
def test_a_bad_page_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(content)
    with pytest.raises(SandboxFileError, match=r"page\.json .*; give a page as the API sent it"):
        Sandbox(SandboxOptions(replay=(path,)))
