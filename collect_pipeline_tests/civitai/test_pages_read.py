"""From a reply to a page: items, cursor, and how the reply came."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from collect_pipeline.civitai.client import ImageQuery, RetryPolicy
from collect_pipeline.civitai.errors import RetryableError, RetryKind

from .conftest import ClientFor, Waits
from .fake_source import HTML_TYPE, Answer, FakeSource, page

QUERY = ImageQuery(7)


def test_items_and_cursor_are_read(client_for: ClientFor) -> None:
    with FakeSource(page({"id": 1}, {"id": 2}, nextCursor="2|5")) as source:
        result = client_for(source.url).images_page(QUERY)
        assert result.items == [{"id": 1}, {"id": 2}]
        assert (result.next_cursor, result.cursor_problem) == ("2|5", None)
        assert result.url.startswith(f"{source.url}/api/v1/images?")
    assert (result.limit, result.attempts) == (100, 1)
    assert result.fetched_at.tzinfo is None
    assert abs(datetime.now(UTC).replace(tzinfo=None) - result.fetched_at) < timedelta(minutes=1)
    assert result.elapsed > 0


@pytest.mark.parametrize(
    ("received", "cursor"),
    [
        ("118204502", "118204502"),
        ('"0|0|0|1942537"', "0|0|0|1942537"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("118204502.0", "118204502"),
        ("null", None),
        ('""', None),
    ],
)
def test_a_cursor_is_text_whatever_type_it_came_in(client_for: ClientFor, received: str, cursor: str | None) -> None:
    with FakeSource(Answer(body=b'{"items":[],"metadata":{"nextCursor":%s}}' % received.encode())) as source:
        result = client_for(source.url).images_page(QUERY)
    assert (result.next_cursor, result.cursor_problem) == (cursor, None)


@pytest.mark.parametrize("received", ['{"id":3}', "[1]", "true", '"\\ud83d"', "NaN", "1e400"])
def test_a_cursor_that_cannot_be_sent_back_ends_the_list_with_a_reason(client_for: ClientFor, received: str) -> None:
    body = b'{"items":[{"id":1}],"metadata":{"nextCursor":%s}}' % received.encode()
    with FakeSource(Answer(body=body)) as source:
        result = client_for(source.url).images_page(QUERY)
    assert len(result.items) == 1
    assert result.next_cursor is None
    assert result.cursor_problem


@pytest.mark.parametrize("body", [b'{"items":[]}', b'{"items":[],"metadata":null}', b'{"items":[],"metadata":[]}'])
def test_an_end_without_metadata_is_not_taken_for_a_normal_end(client_for: ClientFor, body: bytes) -> None:
    with FakeSource(Answer(body=body)) as source:
        assert client_for(source.url).images_page(QUERY).cursor_problem == "the reply holds no metadata"


def test_an_empty_page_with_a_cursor_is_a_page(client_for: ClientFor) -> None:
    with FakeSource(page(nextCursor="300|9")) as source:
        result = client_for(source.url).images_page(QUERY)
    assert (result.items, result.next_cursor) == ([], "300|9")


def test_text_that_is_not_quite_json_is_read_all_the_same(client_for: ClientFor) -> None:
    body = (
        b'\xef\xbb\xbf{"items":[{"id":1,"a":"\xff\xfe","b":"\\ud83d","c":NaN,"d":1e400,"e":'
        + b"9" * 5000
        + b"},"
        + b"[" * 200
        + b"]" * 200
        + b'],"metadata":{}}'
    )
    with FakeSource(Answer(body=body)) as source:
        result = client_for(source.url).images_page(QUERY)
    assert len(result.items) == 2
    assert result.body == body
    first = result.items[0]
    assert isinstance(first, dict)
    assert (first["a"], first["b"], first["d"]) == ("\ufffd\ufffd", "\ud83d", float("inf"))


def test_a_copy_from_the_edges_cache_is_told(client_for: ClientFor) -> None:
    cached = Answer(headers={"CF-Cache-Status": "hit", "Age": "212"})
    odd = Answer(headers={"Age": "yesterday"})
    with FakeSource(cached, odd) as source:
        client = client_for(source.url)
        first, second = client.images_page(QUERY), client.images_page(QUERY)
    assert (first.cache_status, first.age) == ("HIT", 212)
    assert (second.cache_status, second.age) == (None, None)


NOT_A_PAGE = {
    "empty": Answer(body=b""),
    "html": Answer(body=b"<html>We're adjusting a few things</html>", content_type=HTML_TYPE),
    "html named json": Answer(body=b"<!DOCTYPE html>"),
    "array": Answer(body=b"[]"),
    "null": Answer(body=b"null"),
    "number": Answer(body=b"5"),
    "empty object": Answer(body=b"{}"),
    "items null": Answer(body=b'{"items":null}'),
    "items object": Answer(body=b'{"items":{}}'),
    "cut text": Answer(body=b'{"items":[{"id":1},{"id"'),
    "too deep": Answer(body=b"[" * 200_000),
    "no content": Answer(204, b""),
}


@pytest.mark.parametrize("name", NOT_A_PAGE)
def test_a_good_status_without_a_page_is_asked_for_again(client_for: ClientFor, waits: Waits, name: str) -> None:
    with FakeSource(NOT_A_PAGE[name], page({"id": 1})) as source:
        result = client_for(source.url).images_page(QUERY)
    assert result.items == [{"id": 1}]
    assert result.attempts == 2
    assert len(waits.seconds) == 1


@pytest.mark.parametrize("name", ["items null", "cut text", "html"])
def test_a_source_that_never_sends_a_page_ends_in_a_typed_error(client_for: ClientFor, name: str) -> None:
    with FakeSource(NOT_A_PAGE[name]) as source:
        with pytest.raises(RetryableError) as caught:
            client_for(source.url, policy=RetryPolicy(attempts=3)).images_page(QUERY)
        assert len(source.requests) == 3
    assert caught.value.kind is RetryKind.UNREADABLE


def test_a_page_of_many_megabytes_is_read(client_for: ClientFor) -> None:
    items = [{"id": number, "meta": {"comfy": "x" * 200_000}} for number in range(50)]
    with FakeSource(Answer(body=json.dumps({"items": items, "metadata": {}}).encode())) as source:
        assert len(client_for(source.url).images_page(QUERY).items) == 50
