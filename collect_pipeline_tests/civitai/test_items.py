"""Entries of a page as records: what is read, what is left out, and that nothing breaks it."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect_pipeline.civitai.items import Item, Rejected, read_item
from collect_pipeline.civitai.page import decode_json

FULL = {
    "id": 118204417,
    "url": "https://image.civitai.com/x/original=true/x.jpeg",
    "width": 832,
    "height": 1216,
    "nsfwLevel": "None",
    "type": "image",
    "nsfw": False,
    "browsingLevel": 1,
    "createdAt": "2026-07-30T14:02:11.483Z",
    "postId": 26911034,
    "stats": {
        "cryCount": 1,
        "laughCount": 2,
        "likeCount": 31,
        "dislikeCount": 100,
        "heartCount": 12,
        "commentCount": 3,
    },
    "meta": {
        "seed": 1938345220,
        "Model": "paperlightXL_v20",
        "steps": 28,
        "prompt": "a quiet harbor",
        "sampler": "DPM++ 2M Karras",
        "cfgScale": 5.5,
        "negativePrompt": "lowres",
    },
    "username": "harbor_sketch",
    "baseModel": "Illustrious",
    "modelVersionIds": [1027364, 990211],
}


def item(**changes: object) -> Item:
    result = read_item({**FULL, **changes})
    assert isinstance(result, Item)
    return result


@pytest.mark.parametrize(
    ("level", "word", "read"),
    [
        (None, "None", 1),
        (None, "Soft", 2),
        (None, "Mature", 4),
        (None, "X", 8),
        (None, "Blocked", None),
        (None, None, None),
        (0, "X", 8),
        (16, "X", 16),
        (1, "Mature", 1),
    ],
)
def test_where_the_level_is_missing_the_word_gives_it(level: object, word: object, read: int | None) -> None:
    """Before the end of 2024 the API gave only the word."""
    assert item(browsingLevel=level, nsfwLevel=word).browsing_level == read


def with_meta(**meta: object) -> Item:
    return item(meta=meta)


def test_a_full_entry_is_read_in_full() -> None:
    assert item() == Item(
        image_id=118204417,
        prompt="a quiet harbor",
        negative_prompt="lowres",
        post_id=26911034,
        username="harbor_sketch",
        created_at=datetime(2026, 7, 30, 14, 2, 11, 483000),  # noqa: DTZ001 - UTC without a zone is the contract
        url="https://image.civitai.com/x/original=true/x.jpeg",
        width=832,
        height=1216,
        media_type="image",
        browsing_level=1,
        nsfw_level="None",
        base_model="Illustrious",
        reaction_count=46,
        comment_count=3,
        seed=1938345220,
        steps=28,
        sampler="DPM++ 2M Karras",
        cfg_scale=5.5,
        model_name="paperlightXL_v20",
        has_meta=True,
        resources=(),
        mentioned_version_ids=frozenset({1027364, 990211}),
        notes=(),
    )


def test_an_entry_with_nothing_but_an_id_is_an_item() -> None:
    result = read_item({"id": 5})
    assert isinstance(result, Item)
    assert (result.image_id, result.prompt, result.has_meta, result.reaction_count) == (5, None, False, None)


@pytest.mark.parametrize(
    ("value", "image_id"), [("5", 5), (" 5 ", 5), (5.0, 5), (2**63 - 1, 2**63 - 1), (2**53 + 1, 2**53 + 1)]
)
def test_an_id_may_be_text(value: object, image_id: int) -> None:
    assert item(id=value).image_id == image_id


@pytest.mark.parametrize(
    "value", [None, 0, -5, 2**63, "", "x", "5x", "0", 1.5, True, [5], {"id": 5}, float("nan"), "９", "9" * 9999]
)
def test_an_entry_without_a_usable_id_is_rejected_with_a_reason(value: object) -> None:
    result = read_item({**FULL, "id": value})
    assert isinstance(result, Rejected)
    assert "id" in result.reason


@pytest.mark.parametrize("raw", [None, 5, "text", [], True, 1.5])
def test_an_entry_that_is_no_object_is_rejected_with_a_reason(raw: object) -> None:
    result = read_item(raw)
    assert isinstance(result, Rejected)
    assert type(raw).__name__ in result.reason


@pytest.mark.parametrize(
    "meta",
    [
        {"prompt": "p"},
        {"id": 1, "meta": {"prompt": "p"}},
        {"id": 1, "meta": {"id": 1, "meta": {"prompt": "p"}}},
        {"meta": {"meta": {"meta": {"prompt": "p"}}}},
        {"prompt": "p", "meta": {"prompt": "inner"}},
    ],
)
def test_generation_data_is_found_however_often_it_is_wrapped(meta: object) -> None:
    result = item(meta=meta)
    assert (result.prompt, result.has_meta) == ("p", True)


@pytest.mark.parametrize("meta", [None, {}, {"id": 1, "meta": None}, {"meta": {"meta": None}}])
def test_missing_generation_data_is_told(meta: object) -> None:
    result = item(meta=meta)
    assert (result.prompt, result.has_meta, result.notes) == (None, False, ())


@pytest.mark.parametrize(("meta", "kind"), [("text", "str"), ([1], "list"), (5, "int")])
def test_generation_data_of_another_type_is_noted(meta: object, kind: str) -> None:
    result = item(meta=meta)
    assert (result.has_meta, result.notes) == (False, (f"meta is of type {kind}",))


@pytest.mark.parametrize("prompt", [5, 1.5, True, ["76", 0], {"a": 1}])
def test_a_prompt_that_is_no_text_is_left_out_and_noted(prompt: object) -> None:
    result = with_meta(prompt=prompt, negativePrompt=prompt)
    assert (result.prompt, result.negative_prompt) == (None, None)
    kind = type(prompt).__name__
    assert result.notes == (f"prompt is of type {kind}", f"negativePrompt is of type {kind}")


@pytest.mark.parametrize("prompt", [None, "", "   ", "\r\n\t"])
def test_a_blank_prompt_is_none(prompt: object) -> None:
    result = with_meta(prompt=prompt)
    assert (result.prompt, result.notes) == (None, ())


@pytest.mark.parametrize(
    "prompt",
    [
        "  two  spaces ",
        "a\r\nb\u2028c",
        "🍂 👩‍👩‍👧 \u200f\ufeff é",
        "[a|b], (x:1.2), BREAK <lora:y:0.8>",
        "x" * 1_000_000,
    ],
)
def test_a_prompt_is_kept_as_its_maker_wrote_it(prompt: str) -> None:
    assert with_meta(prompt=prompt).prompt == prompt


def test_text_that_no_database_stores_is_mended() -> None:
    received = decode_json(
        rb'{"id":1,"url":"\u0000","meta":{"prompt":"a\u0000b\ud83dc \ud83c\udf42","Model":"\udf42"}}'
    )
    result = read_item(received)
    assert isinstance(result, Item)
    assert result.prompt == "a\ufffdb\ufffdc 🍂"
    assert (result.url, result.model_name) == ("\ufffd", "\ufffd")


@pytest.mark.parametrize("username", ["unknown", "", None, 5])
def test_an_unknown_user_is_none(username: object) -> None:
    assert item(username=username).username is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-30T14:02:11Z", "2026-07-30T14:02:11"),
        ("2026-07-30T14:02:11.483Z", "2026-07-30T14:02:11.483000"),
        ("2026-07-30T14:02:11", "2026-07-30T14:02:11"),
        ("2026-07-30T16:02:11+02:00", "2026-07-30T14:02:11"),
    ],
)
def test_times_are_utc_without_a_zone(text: str, expected: str) -> None:
    created = item(createdAt=text).created_at
    assert created is not None
    assert (created.isoformat(), created.tzinfo) == (expected, None)


@pytest.mark.parametrize("value", [None, "", "yesterday", 1785421187020, "0001-01-01T00:00:00+23:59", "2026-13-01", {}])
def test_a_time_that_cannot_be_read_is_none(value: object) -> None:
    assert item(createdAt=value).created_at is None


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (-1, -1),
        (2**53 + 1, 2**53 + 1),
        (18446744073709552000, 18446744073709552000),
        (1.8446744073709552e19, 2**64),
        ("1938345220", 1938345220),
        ("1e400", None),
        (float("inf"), None),
        (float("nan"), None),
        (2**127, None),
        (True, None),
        ("random", None),
        ([1], None),
    ],
)
def test_seeds_are_whole_numbers_that_the_warehouse_can_hold(seed: object, expected: int | None) -> None:
    assert with_meta(seed=seed).seed == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("28", 28), ("28,", 28), (28.0, 28), (2**31, None), (-1, None), ("x", None), (1.5, None)]
)
def test_steps_are_small_whole_numbers(value: object, expected: int | None) -> None:
    assert with_meta(steps=value).steps == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4, 4.0),
        ("5.5", 5.5),
        ("0.34,", 0.34),
        ("0.5, 0", None),
        ("nan", None),
        ("1e999", None),
        (10**400, None),
        (True, None),
    ],
)
def test_the_cfg_scale_is_a_finite_number(value: object, expected: float | None) -> None:
    assert with_meta(cfgScale=value).cfg_scale == expected


@pytest.mark.parametrize("value", [2**31, -1, "wide", None, 1.5])
def test_a_size_out_of_range_is_none(value: object) -> None:
    result = item(width=value, height=value)
    assert (result.width, result.height) == (None, None)


def test_placeholders_are_none() -> None:
    result = item(baseModel="", meta={"prompt": "p", "sampler": "Undefined"})
    assert (result.base_model, result.sampler) == (None, None)


@pytest.mark.parametrize(
    ("model", "expected"),
    [({"meina_belly_7": "3mix"}, "meina_belly_7: 3mix"), ({}, None), ({"a": {}}, None), ([1], None)],
)
def test_a_model_name_that_was_taken_apart_is_put_together(model: object, expected: str | None) -> None:
    assert with_meta(Model=model).model_name == expected


@pytest.mark.parametrize(
    ("stats", "expected"),
    [(None, None), ({}, None), ({"likeCount": 3}, 3), ({"likeCount": "x", "heartCount": 2}, 2), ([], None)],
)
def test_reactions_that_are_told_are_summed(stats: object, expected: int | None) -> None:
    assert item(stats=stats).reaction_count == expected


def test_every_version_that_an_entry_names_is_mentioned() -> None:
    meta = {
        "civitaiResources": [{"modelVersionId": 3}, {"modelVersionId": "4"}, {"modelVersionId": None}, "x"],
        "additionalResources": [{"air": "urn:air:sdxl:lora:civitai:918273@5"}],
    }
    result = item(modelVersionIds=[1, "2", None, 0, -3, [7]], meta=meta)
    assert result.mentioned_version_ids == {1, 2, 3, 4, 5}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["unknown", "1", "2026-01-01T00:00:00Z", "0x1f", "Type = lora", "\x00", "\ud83d", "1e400"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*FULL, *FULL["meta"], *FULL["stats"]])  # type: ignore[misc]  # both are objects
            | st.sampled_from(["resources", "civitaiResources", "additionalResources", "hashes", "modelVersionId"])
            | st.sampled_from(["air", "weight", "name", "strength", "hash", "model", "lora:x", "LORA:pony/x", ":"])
            | st.text(max_size=3),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(raw=JSON, wrapped=st.fixed_dictionaries({}, optional=dict.fromkeys(FULL, JSON)))
def test_nothing_that_json_can_say_breaks_it(raw: object, wrapped: dict[str, object]) -> None:
    for entry in (raw, {**wrapped, "id": 7}, {"id": 7, "meta": raw}, {"id": 7, "meta": wrapped}):
        result = read_item(entry)
        if isinstance(result, Rejected):
            assert result.reason
            continue
        assert 1 <= result.image_id < 2**63
        texts = [value for value in (getattr(result, name) for name in Item.__slots__) if isinstance(value, str)]
        texts += [
            text for resource in result.resources for text in (resource.type, resource.name, resource.hash) if text
        ]
        for text in texts:
            assert text.encode().find(b"\x00") < 0


def test_deep_and_wide_generation_data_is_survived() -> None:
    deep: object = "end"
    for _ in range(200):
        deep = {"meta": deep}
    wide = {f"lora:{number}": f"{number:x}" for number in range(50_000)}
    assert item(meta=json.loads(json.dumps(deep)), tags=deep).prompt is None
    assert item(meta={"prompt": "p", "Model": deep, "resources": [deep]}).model_name is None
    assert len(item(meta={"hashes": wide, "prompt": wide}).resources) == 50_000
