"""Which status and body means which error, and whether it is worth another request."""

import pickle

import pytest

from collect_pipeline.civitai.client import ImageQuery, RetryPolicy
from collect_pipeline.civitai.errors import (
    InvalidCursorError,
    NotFoundError,
    PermanentError,
    RefusedByEdgeError,
    RegionBlockedError,
    RetryableError,
    RetryKind,
    SourceError,
    UnauthorizedError,
)

from .conftest import KEY, ClientFor
from .fake_source import HTML_TYPE, Answer, FakeSource, json_answer

QUERY = ImageQuery(7)
ZOD = (
    '[\n  {\n    "origin": "number",\n    "code": "too_big",\n    "maximum": 200,\n    "path": ["limit"],\n'
    '    "message": "Too big: expected number to be <=200"\n  }\n]'
)


def text(status: int, body: str, **headers: str) -> Answer:
    return Answer(status, body.encode(), "text/plain", {k.replace("_", "-"): v for k, v in headers.items()})


def html(status: int, title: str, **headers: str) -> Answer:
    body = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>…</body></html>"
    return Answer(status, body.encode(), HTML_TYPE, {k.replace("_", "-"): v for k, v in headers.items()})


PERMANENT = {
    "zod": (json_answer({"error": {"name": "ZodError", "message": ZOD}}, 400), PermanentError, "Too big"),
    "older zod": (json_answer({"error": {"issues": [{}], "name": "ZodError"}}, 400), PermanentError, "ZodError"),
    "cursor": (
        json_answer({"error": "Invalid cursor: expected 1 value(s) for this sort, received 2", "code": "X"}, 400),
        InvalidCursorError,
        "--restart",
    ),
    "unauthorized": (json_answer({"error": "Unauthorized"}, 401), UnauthorizedError, "CIVITAI_API_KEY"),
    "forbidden": (json_answer({"error": "Forbidden"}, 403), PermanentError, "403 (Forbidden)"),
    "absent": (json_answer({"error": "No model with id 7"}, 404), NotFoundError, "No model with id 7"),
    "no such path": (html(404, "Page not found"), PermanentError, "CIVITAI_BASE_URL"),
    "method": (json_answer({"error": "Method not allowed"}, 405), PermanentError, "405"),
    "page cap": (
        json_answer({"error": "You've requested too many pages, please use cursors instead"}, 429),
        PermanentError,
        "cursor",
    ),
    "region": (json_answer({"error": "Not here", "code": "REGION_BLOCKED"}, 451), RegionBlockedError, "country"),
    "teapot": (text(418, ""), PermanentError, "418"),
    "not modified": (text(304, ""), PermanentError, "304"),
}


@pytest.mark.parametrize("name", PERMANENT)
def test_a_permanent_refusal_is_typed_and_not_repeated(client_for: ClientFor, name: str) -> None:
    answer, expected, words = PERMANENT[name]
    with FakeSource(answer) as source:
        with pytest.raises(expected) as caught:
            client_for(source.url).images_page(QUERY)
        assert len(source.requests) == 1
        assert caught.value.url == f"{source.url}{source.requests[0].target}"
    assert type(caught.value) is expected
    assert words in str(caught.value)
    assert caught.value.status == answer.status
    assert not isinstance(caught.value, RetryableError)


RETRYABLE = {
    "edge limit, text": (text(429, "error code: 1015"), RetryKind.RATE_LIMITED),
    "edge limit, html": (html(429, "Access denied | civitai.com used Cloudflare"), RetryKind.RATE_LIMITED),
    "bulkhead": (json_answer({"error": "Server busy"}, 503, Retry_After="2"), RetryKind.BUSY),
    "nginx": (html(503, "503 Service Temporarily Unavailable"), RetryKind.SERVER_ERROR),
    "request timeout": (text(408, ""), RetryKind.SERVER_ERROR),
    "statement timeout": (json_answer({"error": "canceling statement", "code": "57014"}, 500), RetryKind.SERVER_ERROR),
    "plain": (text(500, "Internal Server Error"), RetryKind.SERVER_ERROR),
    "gateway": (text(502, "Bad Gateway"), RetryKind.SERVER_ERROR),
    "gateway timeout": (text(504, "Gateway Timeout"), RetryKind.SERVER_ERROR),
    "unknown error": (html(520, "civitai.com | 520"), RetryKind.SERVER_ERROR),
    "524": (text(524, "error code: 524"), RetryKind.SERVER_ERROR),
    "530": (html(530, "civitai.com | 530"), RetryKind.SERVER_ERROR),
    "client went away": (Answer(499, b""), RetryKind.SERVER_ERROR),
}


@pytest.mark.parametrize("name", RETRYABLE)
def test_a_passing_trouble_is_repeated_and_then_typed(client_for: ClientFor, name: str) -> None:
    answer, kind = RETRYABLE[name]
    with FakeSource(answer) as source:
        with pytest.raises(RetryableError) as caught:
            client_for(source.url, policy=RetryPolicy(attempts=3)).images_page(QUERY)
        assert len(source.requests) == 3
    assert caught.value.kind is kind
    assert caught.value.status == answer.status
    assert caught.value.retry_after is not None
    assert str(answer.status) in str(caught.value)


@pytest.mark.parametrize("name", RETRYABLE)
def test_after_a_passing_trouble_the_page_comes_all_the_same(client_for: ClientFor, name: str) -> None:
    with FakeSource(RETRYABLE[name][0], RETRYABLE[name][0], Answer()) as source:
        assert client_for(source.url).images_page(QUERY).attempts == 3


@pytest.mark.parametrize(
    "answer",
    [html(403, "Just a moment...", cf_mitigated="challenge"), html(403, "Attention Required!")],
)
def test_a_challenge_that_stays_is_reported_after_one_long_wait(client_for: ClientFor, answer: Answer) -> None:
    with FakeSource(answer) as source:
        with pytest.raises(RefusedByEdgeError):
            client_for(source.url).images_page(QUERY)
        assert len(source.requests) == 2


def test_a_challenge_that_goes_away_is_survived(client_for: ClientFor) -> None:
    with FakeSource(html(403, "Just a moment..."), Answer()) as source:
        assert client_for(source.url).images_page(QUERY).attempts == 2


def test_a_refused_key_says_what_to_check(client_for: ClientFor) -> None:
    with (
        FakeSource(json_answer({"error": "Unauthorized"}, 401)) as source,
        pytest.raises(UnauthorizedError, match="API_KEY"),
    ):
        client_for(source.url, KEY).me()


@pytest.mark.parametrize("document", [{}, [], None, {"id": None}, {"id": "x"}, "text"])
def test_a_record_without_an_id_is_asked_for_again(client_for: ClientFor, document: object) -> None:
    with FakeSource(json_answer(document), json_answer({"id": 7})) as source:
        client = client_for(source.url)
        assert client.model(7).id == 7
    with FakeSource(json_answer(document), json_answer({"id": 7})) as source:
        client = client_for(source.url)
        assert client.model_version(7).id == 7


def test_a_long_or_odd_server_text_becomes_one_short_line(client_for: ClientFor) -> None:
    odd = text(400, "a\x1b[31m\r\nb\x00 " + "x" * 5000)
    with FakeSource(odd) as source, pytest.raises(PermanentError) as caught:
        client_for(source.url).images_page(QUERY)
    message = str(caught.value)
    assert len(message) < 400
    assert message.isprintable()


@pytest.mark.parametrize("name", [*PERMANENT, *RETRYABLE])
def test_every_error_survives_pickling(client_for: ClientFor, name: str) -> None:
    answer = (PERMANENT | RETRYABLE)[name][0]
    with FakeSource(answer) as source, pytest.raises(SourceError) as caught:
        client_for(source.url, policy=RetryPolicy(attempts=1)).images_page(QUERY)
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made by this very line
    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)
    assert vars(copy) == vars(caught.value)
