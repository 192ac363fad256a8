"""Each route's cursors, order and built-in losses."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collect_pipeline.sandbox.content import LANTERN_MODEL, LANTERN_V1, LANTERN_V2
from collect_pipeline_tests.sandbox.conftest import Client, flat

NOW = datetime(2026, 2, 1, 12, 3, 20, tzinfo=UTC)
OF_MODEL: dict[str, Any] = {"modelVersionId": None, "modelId": LANTERN_MODEL}


def test_feed_walks_oldest_first_to_every_visible_image(client: Client) -> None:
    pages = client.walk()
    assert flat(pages) == client.sandbox.visible_ids(LANTERN_V2)
    assert len(flat(pages)) > 200


def test_feed_cursor_is_offset_and_publish_time_of_the_last_image(client: Client) -> None:
    page = client.page(limit=10)
    last = datetime.fromisoformat(page["items"][-1]["createdAt"])
    milliseconds = round((last - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    assert re.fullmatch(r"10\|\d{13}", page["metadata"]["nextCursor"])
    assert int(page["metadata"]["nextCursor"].split("|")[1]) >= milliseconds


def test_the_end_of_a_list_has_empty_metadata(client: Client) -> None:
    pages = client.walk()
    offset = 100 * (len(pages) - 1)
    reply = client.get("images", {"modelVersionId": LANTERN_V2, "sort": "Oldest", "cursor": f"{offset}|1"})
    assert reply.text.endswith('"metadata":{}}')


@pytest.mark.parametrize("cursor", ["nonsense", "1|2|3", "200x|5", "2025-01-01T00:00:00.000Z"])
def test_feed_reads_an_unparsable_cursor_as_page_1(client: Client, cursor: str) -> None:
    assert client.ids(cursor=cursor) == client.ids()


def test_feed_takes_a_bare_number_as_offset(client: Client) -> None:
    assert client.ids(cursor="5", limit=5) == client.ids(limit=10)[5:]


def test_feed_repeats_images_when_new_ones_push_the_list_down(client: Client) -> None:
    first = client.page(sort="Newest", limit=20)
    client.sandbox.publish(LANTERN_V2, 3)
    second = client.ids(sort="Newest", limit=20, cursor=first["metadata"]["nextCursor"])
    assert second[:3] == [item["id"] for item in first["items"]][-3:]


def test_feed_skips_images_when_earlier_ones_are_removed(client: Client) -> None:
    everything = client.sandbox.visible_ids(LANTERN_V2)
    first = client.page(limit=20)
    shown = [item["id"] for item in first["items"]]
    client.sandbox.remove(shown[:2])
    second = client.ids(limit=20, cursor=first["metadata"]["nextCursor"])
    after = everything.index(shown[-1]) + 1
    assert second[0] == everything[after + 2]


def test_feed_can_answer_an_empty_page_with_a_cursor(client: Client) -> None:
    first = client.ids(limit=3)
    client.sandbox.withhold(first)
    page = client.page(limit=3)
    assert page["items"] == []
    assert page["metadata"]["nextCursor"].startswith("3|")


def test_feed_fails_with_limit_0(client: Client) -> None:
    reply = client.get("images", {"modelVersionId": LANTERN_V2, "limit": 0})
    assert reply.status_code == 500
    assert reply.json() == {"error": "Cannot read properties of undefined (reading 'sortAtUnix')"}


@pytest.mark.parametrize(("route", "hidden_for"), [("feed", 300), ("index", 60)])
def test_new_images_stay_hidden_until_the_delay_is_over(client: Client, route: str, hidden_for: int) -> None:
    client.sandbox.set_route(route)
    client.sandbox.clock.set(NOW)
    [image_id] = client.sandbox.publish(LANTERN_V2, 1, age=0)
    assert image_id not in client.ids(sort="Newest")
    client.sandbox.clock.advance(hidden_for)
    assert image_id in client.ids(sort="Newest")


def test_page_mode_is_ignored_on_feed_but_counts_on(client: Client) -> None:
    first, second = client.page(page=1, limit=10), client.page(page=2, limit=10)
    assert [item["id"] for item in second["items"]] == [item["id"] for item in first["items"]]
    assert second["metadata"]["currentPage"] == 2
    assert second["metadata"]["pageSize"] == 10
    assert "page=3" in second["metadata"]["nextPage"]
    assert "nextCursor" in second["metadata"]


def test_page_times_limit_above_1000_is_refused_for_good(client: Client) -> None:
    reply = client.get("images", {"page": 6, "limit": 200})
    assert reply.status_code == 429
    assert reply.json() == {"error": "You've requested too many pages, please use cursors instead"}
    assert "Retry-After" not in reply.headers


def test_next_page_follows_the_host_header_and_keeps_the_parameters(client: Client) -> None:
    reply = client.get("images?sort=Most%20Reactions&limit=5&extra=1", headers={"Host": "civitai.red"})
    address = reply.json()["metadata"]["nextPage"]
    assert address.startswith("http://civitai.red/api/v1/images?sort=Most%20Reactions&limit=5&extra=1&cursor=5%7C")


def test_engagement_sorts_order_by_count(client: Client) -> None:
    items = client.page(sort="Most Comments")["items"]
    counts = [item["stats"]["commentCount"] for item in items]
    assert counts == sorted(counts, reverse=True)


def test_legacy_answers_for_a_model_with_a_number_as_cursor(client: Client) -> None:
    page = client.page(**OF_MODEL, limit=10)
    assert isinstance(page["metadata"]["nextCursor"], int)
    assert page["items"][0]["meta"].keys() == {"id", "meta"}


def test_legacy_oldest_loses_nothing(client: Client) -> None:
    found = set(flat(client.walk(**OF_MODEL)))
    shown = {*client.sandbox.visible_ids(LANTERN_V1), *client.sandbox.visible_ids(LANTERN_V2)}
    assert found == shown


def test_legacy_newest_loses_the_image_at_each_page_boundary(client: Client) -> None:
    client.sandbox.set_route("legacy")
    expected = sorted(client.sandbox.visible_ids(LANTERN_V2), reverse=True)
    pages = client.walk(sort="Newest", limit=50)
    lost = sorted(set(expected) - set(flat(pages)), reverse=True)
    assert len(lost) == len(pages) - 1
    assert lost[0] == expected[expected.index(pages[0][-1]) + 1]


def test_legacy_lists_an_image_of_two_versions_twice(client: Client) -> None:
    found = flat(client.walk(**OF_MODEL))
    twice = {image_id for image_id in found if found.count(image_id) > 1}
    both = {*client.sandbox.visible_ids(LANTERN_V1)} & {*client.sandbox.visible_ids(LANTERN_V2)}
    assert twice
    assert twice == both


def test_legacy_never_gets_past_an_image_of_two_versions_with_limit_1(client: Client) -> None:
    both = {*client.sandbox.visible_ids(LANTERN_V1)} & {*client.sandbox.visible_ids(LANTERN_V2)}
    cursor = min(both)
    assert client.page(**OF_MODEL, limit=1, cursor=cursor)["metadata"]["nextCursor"] == cursor


@pytest.mark.parametrize(
    ("cursor", "message"),
    [
        ("200|1785419990123", "Invalid cursor: expected 1 value(s) for this sort, received 2"),
        ("abc", 'Invalid cursor: unparseable numeric value "abc"'),
    ],
)
def test_legacy_refuses_other_cursors(client: Client, cursor: str, message: str) -> None:
    reply = client.get("images", {"modelId": LANTERN_MODEL, "cursor": cursor})
    assert reply.status_code == 400
    assert reply.json() == {"error": message, "code": "BAD_REQUEST"}


def test_legacy_refuses_random_and_others_take_it_for_newest(client: Client) -> None:
    reply = client.get("images", {"modelId": LANTERN_MODEL, "sort": "Random"})
    assert (reply.status_code, reply.json()["error"]) == (400, "Random sort requires a collectionId")
    assert client.ids(sort="Random") == client.ids(sort="Newest")


def test_legacy_with_limit_0_gives_a_cursor_and_no_items(client: Client) -> None:
    page = client.page(**OF_MODEL, limit=0)
    assert page["items"] == []
    assert page["metadata"]["nextCursor"] > 0


def test_legacy_pages_by_number(client: Client) -> None:
    assert client.ids(**OF_MODEL, page=2, limit=10) == client.ids(**OF_MODEL, limit=20)[10:]


def test_legacy_oldest_misses_old_ids_published_late_and_feed_does_not(client: Client) -> None:
    legacy, feed = client.walk(**OF_MODEL)[-1][-1], client.sandbox.visible_ids(LANTERN_V2)[-1]
    client.sandbox.clock.set(NOW - timedelta(days=40))
    [image_id] = client.sandbox.publish(LANTERN_V2, 1, late=True)
    assert image_id < max(legacy, feed)
    assert image_id not in client.ids(**OF_MODEL, cursor=legacy)
    assert client.sandbox.visible_ids(LANTERN_V2)[-1] == image_id


def test_the_same_image_has_its_upload_time_on_legacy_and_publish_time_elsewhere(client: Client) -> None:
    [searched] = client.page(limit=1)["items"]
    [uploaded] = client.page(modelVersionId=None, imageId=searched["id"])["items"]
    assert uploaded["id"] == searched["id"]
    assert uploaded["createdAt"] < searched["createdAt"]


def test_index_newest_loses_the_images_inside_the_minute_of_entry(client: Client) -> None:
    client.sandbox.set_route("index")
    client.sandbox.clock.set(NOW)
    new = client.sandbox.publish(LANTERN_V2, 4, age=340)
    expected = client.ids(sort="Newest", limit=100)
    pages = client.walk(sort="Newest", limit=20)
    assert expected[:4] == new[::-1]
    boundary = len(pages[0])
    lost = [image_id for image_id in expected if image_id not in flat(pages)]
    assert lost == expected[boundary : boundary + 4]


def test_index_newest_keeps_the_entry_in_its_cursor_and_filters_new_images_out(client: Client) -> None:
    client.sandbox.set_route("index")
    first = client.page(sort="Newest", limit=20)
    client.sandbox.publish(LANTERN_V2, 5)
    second = client.page(sort="Newest", limit=20, cursor=first["metadata"]["nextCursor"])
    assert second["metadata"]["nextCursor"].split("|")[1] == first["metadata"]["nextCursor"].split("|")[1]
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}


def test_index_ends_falsely_on_a_page_without_visible_images(client: Client) -> None:
    client.sandbox.set_route("index")
    client.sandbox.withhold(client.ids(limit=3))
    assert client.page(limit=3) == {"items": [], "metadata": {}}


def test_index_post_filter_fills_pages_but_repeats_rows(client: Client) -> None:
    client.sandbox.set_route("index-post")
    client.sandbox.withhold(client.ids(limit=10)[2:5])
    pages = client.walk(limit=10)
    assert len(pages[0]) == 10
    assert pages[1][:3] == pages[0][-3:]
    assert set(flat(pages)) == set(client.sandbox.visible_ids(LANTERN_V2))


def test_bitdex_has_a_keyset_cursor(client: Client) -> None:
    client.sandbox.set_route("bitdex")
    page = client.page(limit=10)
    offset, _, keyset = page["metadata"]["nextCursor"].partition("|bdx:")
    assert offset == "10"
    assert json.loads(keyset)["slot_id"] == page["items"][-1]["id"]


def test_bitdex_neither_repeats_nor_skips_while_images_come_and_go(client: Client) -> None:
    client.sandbox.set_route("bitdex")
    first = client.page(sort="Newest", limit=20)
    expected = client.ids(sort="Newest", limit=40)[20:]
    client.sandbox.publish(LANTERN_V2, 5)
    client.sandbox.remove([item["id"] for item in first["items"]][:3])
    assert client.ids(sort="Newest", limit=20, cursor=first["metadata"]["nextCursor"]) == expected


def test_bitdex_loses_what_a_merged_batch_holds_too_much(client: Client) -> None:
    client.sandbox.set_route("bitdex")
    client.sandbox.withhold(client.ids(limit=10)[:2])
    expected = client.sandbox.visible_ids(LANTERN_V2)
    lost = set(expected) - set(flat(client.walk(limit=10)))
    assert set(expected[10:18]) <= lost


def test_ties_keep_one_order_between_requests(client: Client) -> None:
    assert client.walk(sort="Most Reactions", limit=30) == client.walk(sort="Most Reactions", limit=30)


def test_a_cursor_of_legacy_on_feed_is_a_false_end(client: Client) -> None:
    cursor = client.page(**OF_MODEL, limit=10)["metadata"]["nextCursor"]
    assert client.page(cursor=cursor) == {"items": [], "metadata": {}}
