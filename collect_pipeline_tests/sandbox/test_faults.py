"""Every fault, by name, as a client meets it."""

import http.client
import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from collect_pipeline.sandbox.content import LANTERN_V2
from collect_pipeline.sandbox.faults import FAULTS, FaultSpecError, read_faults
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline_tests.sandbox.conftest import PARAMS, Client, flat

REPLIES: dict[str, tuple[int, str]] = {
    "zod-400": (400, "ZodError"),
    "bad-cursor-400": (400, "Invalid cursor: expected 1 value(s)"),
    "unauthorized-401": (401, '{"error":"Unauthorized"}'),
    "challenge-403": (403, "Just a moment..."),
    "not-found-404": (404, "Model not found"),
    "page-cap-429": (429, "You've requested too many pages"),
    "edge-429": (429, "error code: 1015"),
    "edge-429-bare": (429, "Access denied | civitai.com used Cloudflare to restrict access"),
    "edge-429-date": (429, "retry_after"),
    "region-451": (451, "REGION_BLOCKED"),
    "server-500": (500, '"code":"57014"'),
    "timeout-500": (500, "Request Timeout"),
    "plain-500": (500, "Internal Server Error"),
    "gateway-502": (502, "Bad Gateway"),
    "bulkhead-503": (503, '{"error":"Server busy, please retry shortly."}'),
    "overloaded-503": (503, "Image search is temporarily overloaded — please retry."),
    "breaker-503": (503, "SERVICE_UNAVAILABLE"),
    "nginx-503": (503, "503 Service Temporarily Unavailable"),
    "maintenance-503": (503, "We're adjusting a few things"),
    "gateway-504": (504, "Gateway Timeout"),
    "cloudflare-520": (520, "civitai.com | 520:"),
    "cloudflare-522": (522, "civitai.com | 522:"),
    "cloudflare-524": (524, "civitai.com | 524: A timeout occurred"),
    "cloudflare-524-text": (524, "error code: 524"),
    "cloudflare-530": (530, "civitai.com | 530:"),
    "maintenance-200": (200, "We're adjusting a few things"),
    "html-200": (200, "<!DOCTYPE html>"),
    "empty-200": (200, ""),
    "array-200": (200, "[]"),
    "null-200": (200, "null"),
    "null-items": (200, '{"items":null}'),
    "no-items": (200, "{}"),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_fault_takes_the_place_of_one_reply(client: Client, name: str) -> None:
    client.sandbox.set_faults(f"{name}@1")
    reply = client.get("images", PARAMS)
    status, text = REPLIES[name]
    reply.encoding = "utf-8"
    assert reply.status_code == status
    assert text in reply.text
    assert reply.headers["Server"] == "cloudflare"
    client.sandbox.clock.advance(31)
    assert len(client.ids()) > 90


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("edge-429", "Retry-After", "30"),
        ("bulkhead-503", "Retry-After", "2"),
        ("bulkhead-503", "Cache-Control", "no-store"),
        ("overloaded-503", "Retry-After", "2"),
        ("challenge-403", "cf-mitigated", "challenge"),
        ("cloudflare-524", "Content-Type", "text/html; charset=UTF-8"),
        ("server-500", "Cache-Control", "public, s-maxage=300, stale-while-revalidate=150"),
        ("edge-429-bare", "Retry-After", None),
    ],
)
def test_reply_faults_carry_their_headers(client: Client, name: str, header: str, value: str | None) -> None:
    client.sandbox.set_faults(name)
    assert client.get("images", PARAMS).headers.get(header) == value


def test_retry_after_can_be_a_date(client: Client) -> None:
    client.sandbox.set_faults("edge-429-date")
    at = parsedate_to_datetime(client.get("images").headers["Retry-After"])
    assert 0 < (at - client.sandbox.clock.now()).total_seconds() <= 30


def test_an_open_breaker_refuses_everything_for_30_seconds(client: Client) -> None:
    client.sandbox.set_faults("breaker-503@1")
    client.sandbox.clock.set(client.sandbox.clock.now())
    assert [client.get("images").status_code for _ in range(3)] == [503, 503, 503]
    client.sandbox.clock.advance(30)
    assert client.get("images").status_code == 200


def test_redirect_leads_to_another_origin_which_is_logged(client: Client) -> None:
    client.sandbox.set_faults("redirect@1")
    reply = client.get("images", PARAMS, headers={"Authorization": "Bearer sandbox-key"}, allow_redirects=False)
    assert reply.status_code == 302
    assert reply.headers["Location"].startswith(client.sandbox.url.replace("127.0.0.1", "localhost") + "/elsewhere/")
    followed = client.session.get(reply.headers["Location"], timeout=10)
    assert followed.json() == {"items": [], "metadata": {}}
    assert client.sandbox.requests[-1].path == "/elsewhere/api/v1/images"
    assert "authorization" not in client.sandbox.requests[-1].headers


def test_repeat_page_answers_page_1_with_the_same_cursor(client: Client) -> None:
    first = client.page()
    client.sandbox.set_faults("repeat-page")
    again = client.page(cursor=first["metadata"]["nextCursor"])
    assert again["items"] == first["items"]
    assert again["metadata"]["nextCursor"] == first["metadata"]["nextCursor"]


def test_repeat_page_new_answers_page_1_with_a_new_cursor(client: Client) -> None:
    first = client.page(limit=20)
    client.sandbox.set_faults("repeat-page-new")
    again = client.page(limit=20, cursor=first["metadata"]["nextCursor"])
    assert again["items"] == first["items"]
    assert again["metadata"]["nextCursor"].startswith("40|")


def test_cursor_cycle_leads_back_to_the_first_cursor_after_seven(client: Client) -> None:
    client.sandbox.set_faults("cursor-cycle")
    pages = client.walk(limit=10, at_most=20)
    assert len(pages) == 20
    assert pages[1:8] == pages[8:15]
    assert pages[1] != pages[2]


def test_cursor_cycle_also_closes_at_the_end_of_a_short_list(client: Client) -> None:
    client.sandbox.set_faults("cursor-cycle")
    pages = client.walk(at_most=10)
    assert len(pages) == 10


@pytest.mark.parametrize("route", ["feed", "index", "index-post", "bitdex", "legacy"])
def test_empty_pages_carry_a_cursor_and_lose_nothing(client: Client, route: str) -> None:
    client.sandbox.set_route(route)
    expected = flat(client.walk(limit=50))
    client.sandbox.set_faults("empty-page@1-2,empty-page:0.3")
    pages = client.walk(limit=50)
    assert pages[:2] == [[], []]
    assert flat(pages) == expected


def test_false_end_has_neither_items_nor_cursor(client: Client) -> None:
    client.sandbox.set_faults("false-end@2")
    assert client.walk()[1:] == [[]]
    assert len(client.walk()) > 2


def test_short_end_has_half_of_the_page_and_no_cursor(client: Client) -> None:
    client.sandbox.set_faults("short-end@1")
    [page] = client.walk(limit=20)
    assert page == client.ids(limit=20)[:10]


def test_duplicates_brings_rows_of_the_page_before(client: Client) -> None:
    client.sandbox.set_faults("duplicates@2")
    pages = client.walk(limit=20)
    assert set(flat(pages)) == set(client.sandbox.visible_ids(LANTERN_V2))
    again = set(pages[0]) & set(pages[1])
    assert 1 <= len(again) <= 3
    assert set(pages[0][-len(again) :]) == again


def test_twice_in_page_brings_one_image_twice(client: Client) -> None:
    client.sandbox.set_faults("twice-in-page@1")
    pages = client.walk(limit=20)
    assert pages[0][0] == pages[0][-1]
    assert len(pages[0]) <= 20
    assert set(flat(pages)) == set(client.sandbox.visible_ids(LANTERN_V2))


def test_skips_loses_three_rows(client: Client) -> None:
    client.sandbox.set_faults("skips@2")
    lost = set(client.sandbox.visible_ids(LANTERN_V2)) - set(flat(client.walk(limit=20)))
    assert 1 <= len(lost) <= 3


def test_route_flip_changes_the_cursor_between_pages(client: Client) -> None:
    client.sandbox.set_route("bitdex")
    client.sandbox.set_faults("route-flip@2")
    first = client.page(limit=10)["metadata"]["nextCursor"]
    second = client.page(limit=10, cursor=first)["metadata"]["nextCursor"]
    assert "bdx:" in first
    assert "bdx:" not in second


@pytest.mark.parametrize("route", ["feed", "index", "index-post"])
def test_ceiling_ends_the_list_early(client: Client, route: str) -> None:
    client.sandbox.set_route(route)
    client.sandbox.set_faults("ceiling:100")
    assert 90 < len(flat(client.walk(limit=50))) <= 100


def test_filter_ignored_gives_the_whole_site(client: Client) -> None:
    client.sandbox.set_faults("filter-ignored")
    assert client.ids() == client.ids(modelVersionId=None)
    assert not set(client.ids()) <= set(client.sandbox.visible_ids(LANTERN_V2))


def test_odd_meta_shows_every_shape(client: Client) -> None:
    client.sandbox.set_faults("odd-meta")
    metas = [item["meta"] for item in client.page()["items"]]
    assert {type(meta) for meta in metas} == {type(None), dict, str, list}
    assert any(isinstance((meta or {}).get("meta"), dict) and "meta" in meta["meta"] for meta in metas[3::8])


def test_odd_prompts_shows_every_type(client: Client) -> None:
    client.sandbox.set_faults("odd-prompts")
    metas = [item["meta"] for item in client.page()["items"] if isinstance(item["meta"], dict)]
    prompts = [meta.get("prompt") for meta in metas]
    assert {type(prompt) for prompt in prompts} >= {int, bool, type(None), list, dict, str, float}
    assert max(len(prompt) for prompt in prompts if isinstance(prompt, str)) >= 1_000_000
    assert max(len(meta) for meta in metas) > 50_000


def test_odd_text_shows_hostile_characters_as_javascript_writes_them(client: Client) -> None:
    client.sandbox.set_faults("odd-text")
    reply = client.get("images", PARAMS)
    assert b"\\ud83d surrogate" in reply.content
    assert b"nul \\u0000 inside" in reply.content
    assert "line\u2028separator".encode() in reply.content
    assert "👩‍🚀".encode() in reply.content


def test_invalid_utf8_stands_in_a_prompt(client: Client) -> None:
    client.sandbox.set_faults("invalid-utf8")
    with pytest.raises(UnicodeDecodeError):
        client.get("images", PARAMS).content.decode("utf-8")


def test_odd_items_shows_every_form(client: Client) -> None:
    client.sandbox.set_faults("odd-items")
    items: list[Any] = client.page()["items"]
    assert {type(item) for item in items} == {dict, type(None), str, int}
    found = [item for item in items if isinstance(item, dict)]
    assert {type(item.get("id")) for item in found} == {int, str, type(None)}
    assert any(isinstance(item.get("id"), int) and item["id"] > 2**53 for item in found)
    assert any("id" not in item for item in found)
    assert any("stats" not in item for item in found)
    assert any(item.get("createdAt") is None for item in found)


def test_odd_cursor_takes_every_form_in_turn(client: Client) -> None:
    client.sandbox.set_faults("odd-cursor")
    cursors = [client.page(limit=10)["metadata"]["nextCursor"] for _ in range(4)]
    assert cursors == [None, "", {"offset": 10}, 10]


def test_odd_numbers_are_out_of_range_or_text(client: Client) -> None:
    client.sandbox.set_faults("odd-numbers")
    text = client.get("images", PARAMS).text
    assert '"seed":18446744073709552000' in text
    assert '"seed":"1e400"' in text
    assert "NaN" in text


@pytest.mark.parametrize("name", ["truncated", "truncated-chunked", "reset", "reset-body"])
def test_broken_connections_fail_once(client: Client, name: str) -> None:
    client.sandbox.set_faults(f"{name}@1")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.get("images", PARAMS)
    assert len(client.ids()) > 90


def test_reset_is_a_reset_and_no_orderly_end(client: Client) -> None:
    client.sandbox.set_faults("reset")
    port = int(client.sandbox.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/api/v1/images")
    with pytest.raises(ConnectionResetError):
        connection.getresponse()
    connection.close()


def test_cut_text_has_the_right_length_and_broken_json(client: Client) -> None:
    client.sandbox.set_faults("cut-text")
    reply = client.get("images", PARAMS)
    assert int(reply.headers["Content-Length"]) == len(reply.content)
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.content)


def test_stall_stops_inside_the_body(client: Client) -> None:
    client.sandbox.set_faults("stall@1")
    with pytest.raises(requests.ConnectionError, match="timed out"):
        client.session.get(f"{client.sandbox.url}/api/v1/images", params=PARAMS, timeout=0.3)
    assert len(client.ids()) > 90


@pytest.mark.parametrize("name", ["slow", "late"])
def test_slow_replies_arrive_whole_for_the_patient(client: Client, name: str) -> None:
    expected = client.ids(limit=5)
    client.sandbox.set_faults(f"{name}@1-2")
    params = {**PARAMS, "limit": 5}
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        client.session.get(f"{client.sandbox.url}/api/v1/images", params=params, timeout=0.1)
    assert client.ids(limit=5) == expected


@pytest.mark.parametrize("name", ["huge-body", "gzip-bomb"])
def test_a_body_can_be_larger_than_64_mebibytes(client: Client, name: str) -> None:
    client.sandbox.set_faults(name)
    received = 0
    with client.get("images", PARAMS, stream=True) as reply:
        for chunk in reply.iter_content(1024 * 1024):
            received += len(chunk)
    assert received > 64 * 1024 * 1024


def test_stale_copy_answers_with_the_earlier_reply_until_450_seconds(client: Client) -> None:
    client.sandbox.clock.set(client.sandbox.clock.now())
    first = client.page(sort="Newest")
    new = client.sandbox.publish(LANTERN_V2, 1)
    client.sandbox.set_faults("stale-copy")
    client.sandbox.clock.advance(449)
    reply = client.get("images", {**PARAMS, "sort": "Newest"})
    assert reply.json() == first
    assert (reply.headers["CF-Cache-Status"], reply.headers["Age"]) == ("HIT", "449")
    client.sandbox.clock.advance(2)
    assert client.ids(sort="Newest")[:1] == new


def test_stale_copies_include_errors(client: Client) -> None:
    client.sandbox.set_faults("server-500@1,stale-copy")
    assert [client.get("images").status_code for _ in range(2)] == [500, 500]
    client.sandbox.clock.advance(500)
    assert client.get("images").status_code == 200


def struck(seed: int, spec: str) -> list[int]:
    """The statuses of forty requests under `spec`."""
    with Sandbox(SandboxOptions(seed=seed, faults=spec)) as sandbox:
        client = Client(sandbox)
        found = [client.get("me", headers={"Authorization": "Bearer sandbox-key"}).status_code for _ in range(40)]
        client.session.close()
    return found


def test_random_faults_are_the_same_for_the_same_seed() -> None:
    first = struck(1, "gateway-502:0.3")
    assert set(first) == {200, 502}
    assert struck(1, "gateway-502:0.3") == first
    assert struck(2, "gateway-502:0.3") != first


def test_numbers_count_requests_from_1_and_may_be_ranges(client: Client) -> None:
    client.sandbox.set_faults("gateway-502@2,plain-500@4-5")
    assert [client.get("images").status_code for _ in range(6)] == [200, 502, 200, 500, 500, 200]


def test_page_faults_count_pages_only(client: Client) -> None:
    client.sandbox.set_faults("false-end@1")
    client.get(f"model-versions/{LANTERN_V2}")
    assert client.ids() == []


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("no-such-fault", "no fault 'no-such-fault'"),
        ("edge-429:2", "from 0 to 1"),
        ("edge-429:1.2.3", "from 0 to 1"),
        ("edge-429@", "cannot be read"),
        ("ceiling", "number of hits"),
    ],
)
def test_specs_that_cannot_be_read_are_refused_in_a_sentence(spec: str, complaint: str) -> None:
    with pytest.raises(FaultSpecError, match=complaint):
        read_faults(spec)


def test_every_fault_is_described_and_can_be_asked_for() -> None:
    faults = read_faults(",".join(name for name in FAULTS if name != "ceiling"))
    assert [fault.name for fault in faults] == [name for name in FAULTS if name != "ceiling"]
    assert all(FAULTS.values())
