"""Parameters, filters, item shapes and headers of /images."""

import json
from typing import Any

import pytest
import requests

from collect_pipeline.sandbox.content import LANTERN_MODEL, LANTERN_V1, LANTERN_V2, NORTHLIGHT_V4
from collect_pipeline_tests.sandbox.conftest import PARAMS, Client, flat


def issues(reply: requests.Response) -> Any:
    """The issues inside a ZodError's message."""
    error = reply.json()["error"]
    assert error["name"] == "ZodError"
    return json.loads(error["message"])


def test_a_limit_above_200_is_refused_in_the_words_of_zod(client: Client) -> None:
    reply = client.get("images", {"limit": 201})
    assert reply.status_code == 400
    assert reply.text == (
        '{"error":{"name":"ZodError","message":"[\\n  {\\n    \\"origin\\": \\"number\\",'
        '\\n    \\"code\\": \\"too_big\\",\\n    \\"maximum\\": 200,'
        '\\n    \\"inclusive\\": true,\\n    \\"path\\": [\\n      \\"limit\\"\\n    ],'
        '\\n    \\"message\\": \\"Too big: expected number to be <=200\\"\\n  }\\n]"}}'
    )
    assert reply.headers["Cache-Control"] == "public, s-maxage=300, stale-while-revalidate=150"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("limit", "-1", "too_small"),
        ("limit", "ten", "custom"),
        ("modelId", "12x", "custom"),
        ("modelVersionId", ["1", "2"], "custom"),
        ("sort", "newest", "invalid_value"),
        ("sort", "", "invalid_value"),
        ("period", "Decade", "invalid_value"),
        ("username", "two words", "invalid_format"),
        ("nsfw", "very", "invalid_union"),
        ("withMeta", "2", "invalid_union"),
        ("withMeta", "", "invalid_union"),
        ("type", "picture", "invalid_value"),
        ("baseModels", "Pony,Ponny", "invalid_value"),
        ("tags", "1,x", "invalid_type"),
        ("cursor", ["1", "2"], "invalid_type"),
    ],
)
def test_values_outside_the_schema_are_refused(client: Client, name: str, value: Any, code: str) -> None:
    reply = client.get("images", {name: value})
    assert reply.status_code == 400
    [issue] = issues(reply)
    assert (issue["code"], issue["path"][0]) == (code, name)


def test_an_id_that_is_no_number_is_named(client: Client) -> None:
    [issue] = issues(client.get("images", {"modelId": "12x"}))
    assert issue == {"message": "'12x' cannot be converted to a number", "code": "custom", "path": ["modelId"]}


def test_every_wrong_parameter_gets_an_issue(client: Client) -> None:
    found = issues(client.get("images", {"limit": 500, "sort": "Best"}))
    assert [issue["path"] for issue in found] == [["limit"], ["sort"]]


@pytest.mark.parametrize("form", [f"{LANTERN_V2:#x}", f" {LANTERN_V2} ", f"{LANTERN_V2}.0", "1204.771e3"])
def test_numbers_are_read_as_javascript_reads_them(client: Client, form: str) -> None:
    assert client.ids(modelVersionId=form) == client.ids()


def test_without_parameters_100_safe_images_come_without_meta(client: Client) -> None:
    items = client.get("images", {"modelVersionId": LANTERN_V2}).json()["items"]
    assert len(items) in {99, 100}
    assert {item["browsingLevel"] for item in items} == {1}
    assert {item["meta"] for item in items} == {None}


def test_unknown_parameters_are_dropped(client: Client) -> None:
    assert client.ids(collectionId=5, ids="1,2") == client.ids()


def test_empty_and_0_ids_give_the_whole_site(client: Client) -> None:
    whole_site = client.ids(modelVersionId=None)
    assert client.ids(modelVersionId="") == client.ids(modelVersionId=0) == whole_site
    assert set(whole_site) != set(client.ids())


def test_unknown_ids_give_an_empty_list(client: Client) -> None:
    assert client.page(modelVersionId=999) == {"items": [], "metadata": {}}


def test_version_and_model_together_use_the_version(client: Client) -> None:
    assert client.ids(modelId=LANTERN_MODEL, modelVersionId=LANTERN_V1) == client.ids(modelVersionId=LANTERN_V1)


def test_requiring_meta_gives_nothing(client: Client) -> None:
    assert client.page(requiringMeta="true")["items"] == []


def test_an_image_above_pg_needs_a_wider_browsing_level(client: Client) -> None:
    [image_id] = client.sandbox.publish(LANTERN_V2, 1, browsing_level=4)
    assert client.ids(modelVersionId=None, imageId=image_id) == []
    assert client.ids(modelVersionId=None, imageId=image_id, browsingLevel=4) == [image_id]


@pytest.mark.parametrize(
    ("params", "levels"),
    [
        ({}, {1}),
        ({"browsingLevel": 0}, {1}),
        ({"browsingLevel": 32}, {1}),
        ({"browsingLevel": 3}, {1, 2}),
        ({"browsingLevel": 24, "nsfw": "None"}, {8, 16}),
        ({"nsfw": "None"}, {1}),
        ({"nsfw": "false"}, {1}),
        ({"nsfw": "Soft"}, {1, 2}),
        ({"nsfw": "Mature"}, {1, 2, 4}),
        ({"nsfw": "X"}, {1, 2, 4, 8, 16}),
        ({"nsfw": "true"}, {4, 8, 16}),
        ({"nsfw": "Blocked"}, set()),
    ],
)
def test_maturity_follows_browsing_level_and_then_nsfw(
    client: Client, params: dict[str, Any], levels: set[int]
) -> None:
    found: set[int] = set()
    for sort in ("Oldest", "Newest", "Most Reactions", "Most Comments"):
        asked = {"modelVersionId": "", "limit": 200, "sort": sort, **params}
        found |= {item["browsingLevel"] for item in client.get("images", asked).json()["items"]}
    assert found == levels


def test_blocked_means_pg_on_legacy(client: Client) -> None:
    items = client.get("images", {"modelId": LANTERN_MODEL, "nsfw": "Blocked"}).json()["items"]
    assert {item["browsingLevel"] for item in items} == {1}


def test_nsfw_fields_follow_the_level(client: Client) -> None:
    items = client.page(browsingLevel=31, limit=200)["items"]
    words = {(item["browsingLevel"], item["nsfwLevel"], item["nsfw"]) for item in items}
    assert (1, "None", False) in words
    assert words <= {(1, "None", False), (2, "Soft", True), (4, "Mature", True), (8, "X", True), (16, "X", True)}


def test_items_have_the_sites_keys_in_its_order(client: Client) -> None:
    item = client.page(limit=1, withTags="yes")["items"][0]
    assert list(item) == [
        "id", "url", "hash", "width", "height", "nsfwLevel", "type", "nsfw", "browsingLevel", "createdAt", "postId",
        "stats", "meta", "username", "baseModel", "modelVersionIds", "tags",
    ]  # fmt: skip
    assert {tag["name"] for tag in item["tags"]}


def test_meta_is_flat_unless_asked_otherwise(client: Client) -> None:
    flat_items = client.page()["items"]
    nested_items = client.page(flatMeta="false")["items"]
    assert any(item["meta"] is None for item in flat_items)
    assert [item["meta"]["meta"] for item in nested_items] == [item["meta"] for item in flat_items]
    assert {item["meta"]["id"] for item in nested_items} == {item["id"] for item in flat_items}


def test_flat_meta_flattens_legacy_too(client: Client) -> None:
    params = {**PARAMS, "modelVersionId": None, "modelId": LANTERN_MODEL}
    assert all(set(item["meta"]) == {"id", "meta"} for item in client.get("images", params).json()["items"])
    flattened = client.get("images", {**params, "flatMeta": "true"}).json()["items"]
    assert any("prompt" in (item["meta"] or {}) for item in flattened)


@pytest.mark.parametrize(
    ("route", "unresolved"), [("feed", "unknown"), ("legacy", None), ("index", "absent"), ("bitdex", "absent")]
)
def test_an_unresolved_username_differs_by_route(client: Client, route: str, unresolved: str | None) -> None:
    client.sandbox.set_route(route)
    items = client.page(modelVersionId="", limit=200)["items"]
    assert unresolved in {item.get("username", "absent") for item in items}


def test_base_models_are_joined_without_separator_on_search_routes(client: Client) -> None:
    items = client.page(modelVersionId=NORTHLIGHT_V4, limit=200)["items"]
    assert "IllustriousSDXL 1.0" in {item["baseModel"] for item in items}


def test_search_lists_detected_versions_only(client: Client) -> None:
    items = client.page(limit=200)["items"]
    assert any(LANTERN_V2 not in item["modelVersionIds"] for item in items)
    assert any(len(item["modelVersionIds"]) == 2 for item in items)


def test_filters_narrow_the_list(client: Client) -> None:
    item = client.page(limit=1, withTags="on")["items"][0]
    assert item["id"] in client.ids(postId=item["postId"])
    assert {found["type"] for found in client.page(modelVersionId="", type="video")["items"]} == {"video"}
    tag = item["tags"][0]["id"]
    tagged = client.page(tags=tag, withTags="1")["items"]
    assert all(tag in {each["id"] for each in found["tags"]} for found in tagged)
    assert len(tagged) < len(client.ids(limit=200))


def test_a_list_of_blocked_tags_only_gives_nothing(client: Client) -> None:
    assert client.ids(tags="13") == []
    assert client.ids(tags="13,1") == client.ids(tags="1")


def test_an_unknown_user_is_404_except_on_feed(client: Client) -> None:
    assert client.page(username="nobody_here")["items"] == []
    reply = client.get("images", {"username": "nobody_here", "modelId": LANTERN_MODEL})
    assert (reply.status_code, reply.json()) == (404, {"error": "User not found", "code": "NOT_FOUND"})
    client.sandbox.set_route("index")
    assert client.get("images", {"username": "nobody_here"}).status_code == 404


def test_period_is_a_window_of_time(client: Client) -> None:
    new = client.sandbox.publish(LANTERN_V2, 2)
    assert client.ids(period="Day") == new


def test_a_wrong_key_is_anonymous(client: Client) -> None:
    reply = client.get("images", PARAMS, headers={"Authorization": "Bearer wrong"})
    assert [item["id"] for item in reply.json()["items"]] == client.ids()


def test_post_is_answered_like_get(client: Client) -> None:
    reply = client.session.post(f"{client.sandbox.url}/api/v1/images", params=PARAMS, timeout=10)
    assert [item["id"] for item in reply.json()["items"]] == client.ids()


def test_headers_are_those_of_the_site_behind_cloudflare(client: Client) -> None:
    headers = client.get("images", PARAMS).headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Cache-Control"] == "public, s-maxage=300, stale-while-revalidate=150"
    assert headers["Server"] == "cloudflare"
    assert headers["CF-RAY"].endswith("-FRA")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Content-Encoding"] == "gzip"


def test_gzip_is_sent_only_to_clients_that_take_it(client: Client) -> None:
    reply = client.get("images", PARAMS, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in reply.headers
    assert reply.json() == client.page()


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    etag = client.get("images", PARAMS).headers["ETag"]
    reply = client.get("images", PARAMS, headers={"If-None-Match": etag})
    assert (reply.status_code, reply.content) == (304, b"")


def test_one_connection_carries_many_requests(client: Client) -> None:
    with client.get("images", PARAMS, stream=True) as first:
        assert first.content
        assert first.headers.get("Connection") != "close"
    assert flat(client.walk(limit=50)) == client.sandbox.visible_ids(LANTERN_V2)
