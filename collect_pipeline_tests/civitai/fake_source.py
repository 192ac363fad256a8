"""An HTTP server on loopback that answers exactly what a test tells it to, and remembers what it was asked."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """A reply. `send`, if given, writes the whole reply to the connection itself."""

    status: int = 200
    body: bytes = b'{"items":[],"metadata":{}}'
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    send: Callable[[BaseHTTPRequestHandler], None] | None = None


def page(*items: object, **metadata: object) -> Answer:
    return Answer(body=json.dumps({"items": items, "metadata": metadata}).encode())


def json_answer(document: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(document).encode(), headers={k.replace("_", "-"): v for k, v in headers.items()})


@dataclass(frozen=True)
class Request:
    """What was asked. `connection` counts the connections, from 1."""

    target: str
    headers: Mapping[str, str]
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=True)


class FakeSource:
    """Answers in order and then goes on with the last answer; `by_path` goes before, by the path below the API."""

    def __init__(self, *answers: Answer, by_path: Mapping[str, Answer] | None = None) -> None:
        self.requests: list[Request] = []
        self._answers = list(answers) or [page()]
        self._by_path = by_path or {}
        self._connections = 0
        source = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body leave in one packet; otherwise Nagle's algorithm would cost 40 ms a reply.
            wbufsize = -1

            def setup(self) -> None:
                super().setup()
                source._connections += 1
                self.number = source._connections

            def do_GET(self) -> None:
                source.requests.append(Request(self.path, dict(self.headers.items()), self.number))
                _send(self, source._next(urlsplit(self.path).path))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _next(self, path: str) -> Answer:
        if self._by_path:
            absent = json_answer({"error": "Model not found"}, 404)
            return self._by_path.get(path.removeprefix("/api/v1"), absent)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    try:
        if answer.send is not None:
            answer.send(handler)
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.wfile.flush()
    except OSError:
        handler.close_connection = True


def raw(head: str, *pieces: bytes, pause: float = 0.0) -> Answer:
    """A reply written byte for byte, with a pause after each piece; then the connection is closed."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(f"{head}\nConnection: close\n\n".replace("\n", "\r\n").encode())
        for piece in pieces:
            handler.wfile.flush()
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)

    return Answer(send=send)
