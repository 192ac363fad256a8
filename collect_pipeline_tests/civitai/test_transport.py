"""Connections that break, hang, flood or lead elsewhere."""

import gzip
import re
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from collect_pipeline.civitai.client import ImageQuery, RetryPolicy
from collect_pipeline.civitai.errors import PermanentError, RetryableError, RetryKind

from .conftest import KEY, ClientFor, Waits
from .fake_source import Answer, FakeSource, raw

QUERY = ImageQuery(7)
ONCE = RetryPolicy(attempts=1)
GOOD = b'{"items":[],"metadata":{}}'


def reset_before_headers(handler: BaseHTTPRequestHandler) -> None:
    _reset(handler)


def reset_within_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n" + GOOD[:10])
    handler.wfile.flush()
    _reset(handler)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.rfile.close()


BROKEN = {
    "shorter than announced": raw("HTTP/1.1 200 OK\nContent-Length: 500", GOOD),
    "chunk cut": raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"1a\r\n" + GOOD + b"\r\n"),
    "chunk broken": raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"zz\r\n"),
    "not gzip": raw("HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 26", GOOD),
    "gzip cut": raw("HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 20", gzip.compress(GOOD * 50)[:20]),
    "no http": raw("hello"),
    "nothing": Answer(send=lambda _: None),
    "reset before headers": Answer(send=reset_before_headers),
    "reset within the body": Answer(send=reset_within_body),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_reply_is_asked_for_again(client_for: ClientFor, waits: Waits, name: str) -> None:
    with FakeSource(BROKEN[name], Answer()) as source:
        assert client_for(source.url).images_page(QUERY).attempts == 2
    assert 1 <= waits.seconds[0] <= 1.25


@pytest.mark.parametrize("name", BROKEN)
def test_a_reply_that_is_always_broken_ends_in_one_plain_sentence(client_for: ClientFor, name: str) -> None:
    with FakeSource(BROKEN[name]) as source:
        with pytest.raises(RetryableError) as caught:
            client_for(source.url, policy=RetryPolicy(attempts=2)).images_page(QUERY)
        assert len(source.requests) == 2
    message = str(caught.value)
    assert "127.0.0.1" in message
    assert "object at 0x" not in message
    assert message.endswith("try again later.")


def test_a_server_that_is_not_there_is_a_network_error(client_for: ClientFor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(RetryableError) as caught:
        client_for(f"http://127.0.0.1:{port}", policy=ONCE).images_page(QUERY)
    assert caught.value.kind is RetryKind.NETWORK
    assert caught.value.status is None


def test_a_name_that_does_not_resolve_is_a_network_error(client_for: ClientFor) -> None:
    with pytest.raises(RetryableError) as caught:
        client_for("http://nowhere.invalid", policy=ONCE).images_page(QUERY)
    assert caught.value.kind is RetryKind.NETWORK


def test_a_server_that_speaks_no_tls_is_a_network_error(client_for: ClientFor) -> None:
    with FakeSource() as source, pytest.raises(RetryableError) as caught:
        client_for(source.url.replace("http:", "https:"), policy=ONCE).images_page(QUERY)
    assert caught.value.kind is RetryKind.NETWORK


HANGING = {
    "silence": raw("HTTP/1.1 200 OK\nContent-Length: 26", b"", pause=3),
    "no headers": Answer(send=lambda _: time.sleep(3)),
    "stall within the body": raw("HTTP/1.1 200 OK\nContent-Length: 26", GOOD[:10], b"", pause=3),
    "drip": raw("HTTP/1.1 200 OK\nContent-Length: 200", *[b" "] * 150, pause=0.02),
    "drip without a length": raw("HTTP/1.1 200 OK", *[b" "] * 150, pause=0.02),
    "drip of chunks": raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", *[b"1\r\n \r\n"] * 150, pause=0.02),
    "drip within a chunk's head": raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", *[b"0"] * 150, pause=0.02),
    "drip of gzip": raw(
        "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 5000",
        *[bytes([byte]) for byte in gzip.compress(bytes(range(256)) * 40)[:150]],
        pause=0.02,
    ),
}


@pytest.mark.parametrize("name", HANGING)
def test_a_reply_that_never_ends_is_cut_off(client_for: ClientFor, name: str) -> None:
    with FakeSource(HANGING[name]) as source, pytest.raises(RetryableError) as caught:
        client_for(source.url, policy=ONCE, total_timeout=0.3).images_page(QUERY)
    assert caught.value.kind is RetryKind.TOO_SLOW
    # Whichever of the two clocks is first: that of the whole exchange, or that of one read.
    assert re.search("within 0.3 seconds|in time", str(caught.value))


def test_headers_that_drip_are_cut_off(client_for: ClientFor) -> None:
    def send(handler: BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 150:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.02)

    with FakeSource(Answer(send=send)) as source, pytest.raises(RetryableError, match=r"within 0\.3 seconds"):
        client_for(source.url, policy=ONCE, total_timeout=0.3).images_page(QUERY)


def test_after_a_reply_was_cut_off_the_next_request_works(client_for: ClientFor) -> None:
    with FakeSource(HANGING["drip"], Answer(), Answer()) as source:
        client = client_for(source.url, total_timeout=0.3)
        assert client.images_page(QUERY).attempts == 2
        assert client.images_page(QUERY).attempts == 1


def test_a_connection_that_the_server_closed_in_between_does_no_harm(client_for: ClientFor) -> None:
    with FakeSource(Answer(headers={"Connection": "close"})) as source:
        client = client_for(source.url)
        assert [client.images_page(QUERY).attempts for _ in range(3)] == [1, 1, 1]


def test_no_thread_is_left_behind(client_for: ClientFor) -> None:
    with FakeSource(raw("HTTP/1.1 200 OK\nContent-Length: 26", GOOD)) as source:
        client_for(source.url, total_timeout=30).images_page(QUERY)
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for timer in timers:
        timer.join(1)
    assert not any(timer.is_alive() for timer in timers)


FLOODS = {
    "plain": raw("HTTP/1.1 200 OK", *[b" " * 2**20] * 66),
    "gzip bomb": Answer(body=gzip.compress(b" " * (65 * 2**20), 1), headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_body_over_64_megabytes_is_refused_for_good(client_for: ClientFor, name: str) -> None:
    with FakeSource(FLOODS[name]) as source:
        with pytest.raises(PermanentError, match="64 MB"):
            client_for(source.url, total_timeout=30).images_page(ImageQuery(7, limit=1))
        assert len(source.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_elsewhere_is_an_error_and_nothing_goes_there(client_for: ClientFor, status: int) -> None:
    with FakeSource() as other:
        with FakeSource(Answer(status, b"", headers={"Location": f"{other.url}/api/v1/images?token=x"})) as source:
            with pytest.raises(PermanentError, match="CIVITAI_BASE_URL") as caught:
                client_for(source.url, KEY).images_page(QUERY)
            assert len(source.requests) == 1
        assert other.requests == []
    assert "token" not in str(caught.value.url)


@pytest.mark.parametrize("location", ["//127.0.0.1:9/x", "https://[::1", "file:///etc/passwd", "http://u@127.0.0.1/"])
def test_odd_redirects_are_errors_too(client_for: ClientFor, location: str) -> None:
    with FakeSource(Answer(302, b"", headers={"Location": location})) as source:
        with pytest.raises(PermanentError):
            client_for(source.url, KEY).images_page(QUERY)
        assert len(source.requests) == 1


def test_a_redirect_within_the_origin_is_followed_with_the_key(client_for: ClientFor) -> None:
    with FakeSource(Answer(308, b"", headers={"Location": "/api/v1/other?x=1"}), Answer()) as source:
        result = client_for(source.url, KEY).images_page(QUERY)
    assert [request.path for request in source.requests] == ["/api/v1/images", "/api/v1/other"]
    assert source.requests[1].headers["Authorization"] == f"Bearer {KEY}"
    assert "/api/v1/images?" in result.url


def test_redirects_in_a_circle_end(client_for: ClientFor) -> None:
    with FakeSource(Answer(302, b"", headers={"Location": "/api/v1/images"})) as source:
        with pytest.raises(PermanentError, match="circle"):
            client_for(source.url).images_page(QUERY)
        assert len(source.requests) == 4
