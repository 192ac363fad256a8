"""The HTTP server: keep-alive, gzip and Cloudflare's headers around replies that others make.

Knows nothing of the API. Serves on 127.0.0.1 only.
"""

import gzip
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from collect_pipeline.sandbox.messages import Reply, Request

Answer = Callable[[Request], Reply]
_GZIP_FROM = 860


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    answer: Answer
    stopping: threading.Event
    latency: float


class SandboxServer:
    """A listening socket and the thread that accepts from it."""

    def __init__(self, port: int, answer: Answer, latency: float) -> None:
        self._listener = _Listener(("127.0.0.1", port), _Handler)
        self._listener.answer = answer
        self._listener.latency = latency
        self._listener.stopping = threading.Event()
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    def start(self) -> None:
        """Accept connections from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting, let waiting replies go, and close."""
        self._listener.stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Listener

    def version_string(self) -> str:
        """The Server header: the real site stands behind Cloudflare."""
        return "cloudflare"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Stay silent: requests are counted, not printed."""

    def handle_any(self) -> None:
        """Answer one request, whatever its method."""
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        reply = self.server.answer(request)
        if self.server.latency:
            self.server.stopping.wait(self.server.latency)
        self._send(reply, headers)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any  # noqa: N815 - base class

    def _send(self, reply: Reply, request_headers: dict[str, str]) -> None:
        body = reply.body
        headers = dict(reply.headers)
        headers["CF-RAY"] = f"{secrets.token_hex(8)}-FRA"
        headers.setdefault("CF-Cache-Status", "DYNAMIC")
        if "gzip" in request_headers.get("accept-encoding", "") and len(body) >= _GZIP_FROM:
            body = gzip.compress(body, compresslevel=4)
            headers["Content-Encoding"] = "gzip"
            headers["Vary"] = "Accept-Encoding"
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
