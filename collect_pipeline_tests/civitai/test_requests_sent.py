"""What leaves this machine: parameters, headers, the key; and what never does."""

import gzip
import json
import logging
import pickle
from pathlib import Path

import pytest
from pydantic import SecretStr

from collect_pipeline.civitai.client import CivitaiClient, ImageQuery, RetryPolicy
from collect_pipeline.civitai.errors import (
    ConfigurationError,
    InvalidCursorError,
    InvalidIdError,
    SourceError,
    UnauthorizedError,
)
from collect_pipeline.civitai.limiter import RateLimiter

from .conftest import KEY, ClientFor
from .fake_source import Answer, FakeSource, json_answer, page

QUERY = ImageQuery(1027364)


def test_images_are_asked_for_with_exactly_what_the_api_needs_to_be_told(client_for: ClientFor) -> None:
    with FakeSource() as source:
        client_for(source.url).images_page(QUERY)
    (request,) = source.requests
    assert request.path == "/api/v1/images"
    assert request.parameters == [
        ("modelVersionId", "1027364"),
        ("limit", "100"),
        ("sort", "Oldest"),
        ("period", "AllTime"),
        ("browsingLevel", "1"),
        ("withMeta", "true"),
        ("flatMeta", "true"),
    ]


def test_a_partitioned_walk_names_type_base_models_and_period(client_for: ClientFor) -> None:
    query = ImageQuery(7, 200, "Newest", 31, media_type="video", base_models=("Pony", "SDXL 1.0"), period="Month")
    with FakeSource() as source:
        client_for(source.url).images_page(query)
    assert dict(source.requests[0].parameters) == {
        "modelVersionId": "7",
        "limit": "200",
        "sort": "Newest",
        "period": "Month",
        "browsingLevel": "31",
        "withMeta": "true",
        "flatMeta": "true",
        "type": "video",
        "baseModels": "Pony,SDXL 1.0",
    }


@pytest.mark.parametrize(
    "cursor",
    [
        "63864",
        "200|1785419990123",
        '200|bdx:{"sort_value":1785421187,"slot_id":118204502}',
        "feed:1744925337225:9173928",
        "2024-03-10T21:35:22.332Z",
        "a+b &c=d%7C#/?é",
    ],
)
def test_a_cursor_arrives_as_it_was_received(client_for: ClientFor, cursor: str) -> None:
    with FakeSource() as source:
        client_for(source.url).images_page(QUERY, cursor)
    assert dict(source.requests[0].parameters)["cursor"] == cursor


@pytest.mark.parametrize("cursor", ["", "\ud83d"])
def test_a_cursor_that_would_mean_the_first_page_is_refused(client_for: ClientFor, cursor: str) -> None:
    with FakeSource() as source:
        with pytest.raises(InvalidCursorError):
            client_for(source.url).images_page(QUERY, cursor)
        assert source.requests == []


@pytest.mark.parametrize("bad_id", [0, -1, 2**31, None, "", "12", 1.5, True])
def test_an_id_that_would_mean_everything_is_refused_before_any_request(client_for: ClientFor, bad_id: int) -> None:
    with FakeSource() as source:
        client = client_for(source.url)
        with pytest.raises(InvalidIdError):
            ImageQuery(bad_id)
        with pytest.raises(InvalidIdError):
            client.model(bad_id)
        with pytest.raises(InvalidIdError):
            client.model_version(bad_id)
        assert source.requests == []


@pytest.mark.parametrize("bad_hash", ["", "abc", "xyz45678", "../../me", "a" * 65])
def test_what_is_no_hash_is_refused_before_any_request(client_for: ClientFor, bad_hash: str) -> None:
    with FakeSource() as source:
        with pytest.raises(InvalidIdError):
            client_for(source.url).version_by_hash(bad_hash)
        assert source.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": True},
        {"browsing_level": 0},
        {"browsing_level": 32},
        {"sort": "Random"},
        {"sort": "oldest"},
        {"period": ""},
        {"media_type": "picture"},
        {"base_models": ("Pony,Illustrious",)},
        {"base_models": (" ",)},
    ],
)
def test_a_query_that_the_api_would_misread_cannot_be_made(change: dict[str, object]) -> None:
    fields: dict[str, object] = {"model_version_id": 7, **change}
    with pytest.raises(ConfigurationError):
        ImageQuery(**fields)  # type: ignore[arg-type]  # wrong on purpose


def test_requests_say_who_asks_and_accept_compressed_json(client_for: ClientFor) -> None:
    with FakeSource() as source:
        client_for(source.url).images_page(QUERY)
    headers = source.requests[0].headers
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("collect-pipeline/")
    assert "gzip" in headers["Accept-Encoding"]
    assert "Authorization" not in headers


def test_one_connection_is_kept_for_all_requests(client_for: ClientFor) -> None:
    with FakeSource() as source:
        client = client_for(source.url)
        for _ in range(3):
            client.images_page(QUERY)
    assert [request.connection for request in source.requests] == [1, 1, 1]


def test_the_body_is_kept_as_sent_after_decompression(client_for: ClientFor) -> None:
    body = b'{"items": [ {"id":1} ],\n "metadata":{}}'
    compressed = Answer(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
    with FakeSource(compressed) as source:
        assert client_for(source.url).images_page(QUERY).body == body


def test_the_key_is_sent_as_bearer_and_nowhere_else(client_for: ClientFor) -> None:
    with FakeSource() as source:
        result = client_for(source.url, KEY).images_page(QUERY)
    (request,) = source.requests
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in request.target
    assert KEY not in result.url


def test_the_key_shows_in_no_message_repr_log_or_pickle(
    client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json_answer({"error": f"no access with {KEY}, sorry"}, 400)
    with FakeSource(echo, Answer(200, b"x")) as source:
        client = client_for(source.url, KEY, RetryPolicy(attempts=1))
        for _ in range(2):
            with pytest.raises(SourceError) as caught:
                client.images_page(QUERY)
            seen = [str(caught.value), repr(caught.value), repr(vars(caught.value)), repr(vars(client))]
            chain: BaseException | None = caught.value
            while chain is not None:
                seen.append(repr(vars(chain)))
                assert getattr(chain, "request", None) is None
                chain = chain.__cause__ or chain.__context__
            assert not any(KEY in text for text in seen)
            assert KEY.encode() not in pickle.dumps(caught.value)
    assert KEY not in caplog.text


def test_a_network_error_carries_no_request_and_so_no_key(client_for: ClientFor) -> None:
    client = client_for("http://127.0.0.1:9", KEY, RetryPolicy(attempts=1))
    with pytest.raises(SourceError) as caught:
        client.images_page(QUERY)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("key", ["line\nbreak", "with space", "schlüssel", "bell\x07"])
def test_a_key_that_cannot_be_a_header_is_refused_without_showing_it(no_limit: RateLimiter, key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CivitaiClient("https://civitai.com", SecretStr(key), no_limit)
    assert key not in str(caught.value)


def test_neither_netrc_nor_proxies_of_the_environment_are_used(
    client_for: ClientFor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with FakeSource() as source:
        client_for(source.url).images_page(QUERY)
    assert "Authorization" not in source.requests[0].headers


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1", "/api/v1/"])
def test_the_api_path_is_appended_once(client_for: ClientFor, suffix: str) -> None:
    with FakeSource() as source:
        client_for(source.url + suffix).images_page(QUERY)
    assert source.requests[0].path == "/api/v1/images"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "civitai.com",
        "ftp://civitai.com",
        "https://",
        "https://user:pw@civitai.com",
        "https://civitai.com?token=x",
        "https://civitai.com#x",
        "https://civitai.com:port",
        "https://civi tai.com",
        "https://[::1",
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused(no_limit: RateLimiter, base_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"https://civitai\.com"):
        CivitaiClient(base_url, None, no_limit)


def test_me_tells_the_owner_of_the_key(client_for: ClientFor) -> None:
    with FakeSource(json_answer({"id": 5, "username": "harbor_sketch", "tier": "free"})) as source:
        assert client_for(source.url, KEY).me() == "harbor_sketch"
    assert source.requests[0].path == "/api/v1/me"


@pytest.mark.parametrize("key", [None, "", "  "])
def test_me_without_a_key_says_so_and_sends_nothing(client_for: ClientFor, key: str | None) -> None:
    with FakeSource() as source:
        with pytest.raises(UnauthorizedError, match="CIVITAI_API_KEY"):
            client_for(source.url, key).me()
        assert source.requests == []


def test_next_page_is_never_followed(client_for: ClientFor) -> None:
    elsewhere = "http://127.0.0.1:9/api/v1/images?cursor=2"
    with FakeSource(page(nextCursor="2|5", nextPage=elsewhere), page()) as source:
        client = client_for(source.url, KEY)
        first = client.images_page(QUERY)
        client.images_page(QUERY, first.next_cursor)
    assert dict(source.requests[1].parameters)["cursor"] == "2|5"
    assert json.loads(first.body)["metadata"]["nextPage"] == elsewhere
