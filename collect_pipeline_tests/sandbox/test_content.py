"""What the built-in galleries hold."""

import re
from typing import Any

import pytest

from collect_pipeline.sandbox.content import ATLAS_VERSION, CLAY_VERSION, LANTERN_V1, LANTERN_V2
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline_tests.sandbox.conftest import Client


def metas(client: Client, version_id: int = ATLAS_VERSION) -> list[dict[str, Any]]:
    """The metadata of the images of a version, at all levels, where there is some."""
    found = []
    cursor = None
    for _ in range(12):
        page = client.page(modelVersionId=version_id, limit=200, browsingLevel=31, cursor=cursor)
        found += [item["meta"] for item in page["items"] if item["meta"]]
        cursor = page["metadata"].get("nextCursor")
        if cursor is None:
            break
    return found


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_galleries_have_useful_sizes(seed: int) -> None:
    sandbox = Sandbox(SandboxOptions(seed=seed))
    assert 200 < len(sandbox.visible_ids(LANTERN_V2)) <= 300
    assert 80 < len(sandbox.visible_ids(LANTERN_V1)) <= 140
    assert len(sandbox.visible_ids(CLAY_VERSION)) == 12
    assert 1_500 < len(sandbox.visible_ids(ATLAS_VERSION)) < 2_000
    assert sandbox.visible_ids(LANTERN_V2, 30)


def test_the_same_seed_gives_the_same_pages_and_another_seed_others() -> None:
    def page(seed: int) -> Any:
        with Sandbox(SandboxOptions(seed=seed)) as sandbox:
            client = Client(sandbox)
            items = client.page()["items"]
            client.session.close()
        return items

    assert page(3) == page(3)
    assert page(3) != page(4)


def test_the_first_gallery_can_be_made_larger() -> None:
    sandbox = Sandbox(SandboxOptions(images=1_000))
    assert len(sandbox.visible_ids(LANTERN_V2, 31)) > 950


def test_prompts_are_written_in_many_ways(client: Client) -> None:
    text = "\n".join(str(meta.get("prompt")) for meta in metas(client))
    for pattern in (
        r"<lora:[^>]+:0\.8>", r"\(\w[^()]*:1\.2\)", r"\(\(", r"score_9, score_8_up", r"\bBREAK\b", r"\bAND\b",
        r"\[[^\]]+\|[^\]]+\]", r"\[[^\]]+:[^\]]+:0\.5\]", r"__\w+__", r"\\\(", r"Steps: \d+, Sampler", r"<lyco:",
        r"<hypernet:", r"[ぁ-ん]", r"[一-龥]", r"[\U0001f300-\U0001faff]", r"[Ａ-Ｚａ-ｚ]", r"\{[^}]+\|", r"\r\n",
        r"lit by",
    ):  # fmt: skip
        assert re.search(pattern, text), pattern


def test_about_half_of_the_items_repeat_a_prompt_of_their_batch(client: Client) -> None:
    prompts = [meta["prompt"] for meta in metas(client) if isinstance(meta.get("prompt"), str)]
    repeated = sum(1 for prompt in prompts if prompts.count(prompt) > 1)
    assert 0.4 < 1 - len(set(prompts)) / len(prompts) < 0.7
    assert repeated > len(prompts) / 2


def test_metadata_comes_in_the_shapes_that_real_data_has(client: Client) -> None:
    found = metas(client)
    assert any("civitaiResources" in meta for meta in found)
    assert any("resources" in meta and "hashes" in meta for meta in found)
    assert any(isinstance(meta.get("comfy"), str) for meta in found)
    assert any("NaN" in str(meta.get("comfy")) for meta in found)
    assert any(isinstance(meta.get("meta"), dict) for meta in found)
    assert any("prompt" not in meta for meta in found)
    assert any(isinstance(meta.get("Model"), dict) for meta in found)
    assert any(re.search(r"T\d{4}:", str(meta.get("Created Date"))) for meta in found)
    assert any(not str(meta.get("prompt", "x")).strip() for meta in found)
    assert {type(meta.get("cfgScale")) for meta in found} >= {int, float}
    assert any(meta.get("seed", 0) > 2**53 for meta in found)


def test_grown_up_words_stay_above_pg(client: Client) -> None:
    def prompts(level: int) -> str:
        items = client.page(modelVersionId=ATLAS_VERSION, browsingLevel=level, limit=200)["items"]
        return " ".join(str((item["meta"] or {}).get("prompt")) for item in items)

    words = re.compile(r"\b(lingerie|nude|topless|cleavage|see-through)\b", re.IGNORECASE)
    assert not words.search(prompts(1))
    assert words.search(prompts(30))
