"""The HTTP server: keep-alive, gzip and Cloudflare's headers around replies that others make.

Knows nothing of the API. Serves on 127.0.0.1 only.
"""

import gzip
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from collect_pipeline.sandbox.messages import Reply, Request
from collect_pipeline.sandbox.wire import PACKS_ITSELF, WAYS, Line

Answer = Callable[[Request], Reply]

_GZIP_FROM = 860
"""Bytes; Cloudflare leaves smaller bodies as they are."""
_BODY_LIMIT = 16 * 1024 * 1024


class SandboxServer:
    """A listening socket and the thread that accepts from it. Raises OSError when the port is taken."""

    def __init__(self, port: int, answer: Answer, latency: float) -> None:
        self._listener = _Listener(port, answer, latency)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    def start(self) -> None:
        """Accept connections from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting, break off connections that are still open, and close."""
        self._listener.stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.break_off()
        self._listener.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # threads of idle keep-alive connections end with their sockets
    request_queue_size = 64

    def __init__(self, port: int, answer: Answer, latency: float) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.latency = latency
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self._open.discard(request)
            if _is_to_be_reset(request):
                request.close()  # without the shutdown that would send FIN first
                return
        super().shutdown_request(request)

    def break_off(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # its client was faster
                self._open.discard(connection)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: tuple[str, int]
    ) -> None:
        """Clients that hang up are expected; anything else is a fault of the sandbox and shown."""
        if not self.stopping.is_set():
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    server: _Listener

    def version_string(self) -> str:
        """The Server header: the real site stands behind Cloudflare."""
        return "cloudflare"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent: requests are counted, not printed."""

    def handle_any(self) -> None:
        """Answer one request, whatever its method."""
        try:
            request = self._request()
            if request is None:
                return
            reply = self.server.answer(request)
            self.server.stopping.wait(self.server.latency)
            self._send(reply, request.headers.get("accept-encoding", ""))
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any  # noqa: N815 - base class

    def _request(self) -> Request | None:
        length = self.headers.get("content-length") or "0"
        if not length.isdigit() or int(length) > _BODY_LIMIT:
            self.close_connection = True
            self.send_error(413)
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, self.path, headers, self.rfile.read(int(length)))

    def _send(self, reply: Reply, accepted: str) -> None:
        body = reply.body
        headers = {"CF-Cache-Status": "DYNAMIC", **reply.headers, "CF-RAY": f"{secrets.token_hex(8)}-FRA"}
        if "gzip" in accepted and len(body) >= _GZIP_FROM and reply.wire not in PACKS_ITSELF:
            body = gzip.compress(body, compresslevel=4)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}

        def send_head(more: Mapping[str, str]) -> None:
            self.send_response(reply.status)
            for name, value in (headers | dict(more)).items():
                self.send_header(name, value)
            self.end_headers()

        if self.command == "HEAD" or reply.status == 304:
            send_head({})
        else:
            line = Line(self.connection, self.wfile, self.server.stopping)
            if not WAYS[reply.wire](line, send_head, body):
                self.close_connection = True


def _is_to_be_reset(connection: socket.socket) -> bool:
    """Whether the connection lingers for zero seconds, the sign for a reset."""
    try:
        lingering = connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.calcsize("ii"))
    except OSError:  # closed already
        return False
    return struct.unpack("ii", lingering) == (1, 0)
