"""One HTTP request at a time: session, headers, key, timeouts, size limit and redirects.

Returns whatever status comes back; what a status means is none of its business, nor is trying again. The key goes
to the configured origin only. The environment is not read: neither a `.netrc` nor proxy variables have any effect.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from collect_pipeline.civitai.errors import (
    ConfigurationError,
    PermanentError,
    ReplyTooLargeError,
    RetryableError,
    RetryKind,
    SourceError,
)
from collect_pipeline.civitai.origin import Origin

CONNECT_TIMEOUT = 10.0
MAX_BODY_BYTES = 64 * 2**20
_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    `headers` ignores case; `url` is the address asked for, before any redirect; `elapsed` is in seconds;
    `received_at` has a zone.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    elapsed: float
    received_at: datetime


class Transport:
    """A session with one origin. `request_turn` is held during every request, redirects included."""

    def __init__(
        self,
        origin: Origin,
        api_key: SecretStr | None,
        *,
        user_agent: str,
        total_timeout: float,
        request_turn: Callable[[], AbstractContextManager[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._origin = origin
        self._total_timeout = total_timeout
        self._request_turn = request_turn
        self._now = now
        self._deadline = _Deadline()
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": user_agent}
        )
        self._session.auth = _BearerAuth(api_key, origin)
        adapter = _Adapter(self._deadline)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the connection that is kept alive."""
        self._session.close()

    def get(self, address: str) -> Reply:
        """Ask for an address below the API, following a few redirects within the origin.

        Raises:
            RetryableError: no complete reply within the time allowed.
            PermanentError: a redirect to elsewhere or in a circle.
            ReplyTooLargeError: a body over 64 MB.
        """
        asked = url = f"{self._origin.api}{address}"
        for _ in range(_MAX_REDIRECTS + 1):
            with self._request_turn():
                reply = self._get_once(url)
            location = reply.headers.get("Location")
            if reply.status not in _REDIRECTS or location is None:
                return replace(reply, url=asked)
            url = _joined(url, location)
            if not self._origin.has(url):
                raise PermanentError(
                    f"{self._origin.host} redirects to another place, which is not followed; check CIVITAI_BASE_URL.",
                    status=reply.status,
                    url=asked,
                )
        raise PermanentError(f"{self._origin.host} redirects in a circle; check CIVITAI_BASE_URL.", url=asked)

    def _get_once(self, url: str) -> Reply:
        started = time.perf_counter()
        with self._deadline.of(self._total_timeout):
            outcome = self._exchange(url, started)
        if self._deadline.passed:
            reason = f"did not answer in full within {self._total_timeout:g} seconds"
            outcome = RetryableError(
                f"{self._origin.host} {reason}; try again later.", kind=RetryKind.TOO_SLOW, url=url
            )
        if isinstance(outcome, SourceError):
            # Raised here, outside of any handler: a library's exception keeps the request and with it the key.
            raise outcome
        return outcome

    def _exchange(self, url: str, started: float) -> Reply | SourceError:
        host = self._origin.host
        try:
            with self._session.get(
                url, stream=True, allow_redirects=False, timeout=(CONNECT_TIMEOUT, self._total_timeout)
            ) as response:
                body = bytearray()
                for chunk in response.iter_content(_CHUNK_BYTES):
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        limit = MAX_BODY_BYTES // 2**20
                        return ReplyTooLargeError(
                            f"{host} sent more than {limit} MB in one reply; ask for fewer items a page.",
                            status=response.status_code,
                            url=url,
                        )
                elapsed = time.perf_counter() - started
                return Reply(response.status_code, response.headers, bytes(body), url, elapsed, self._now())
        except requests.RequestException as error:
            is_slow = isinstance(error, requests.exceptions.ReadTimeout)
            kind = RetryKind.TOO_SLOW if is_slow else RetryKind.NETWORK
            return RetryableError(f"{host} {_what_failed(error)}; try again later.", kind=kind, url=url)


class _Session(requests.Session):
    """A session that leaves redirects alone; else it would read their bodies, of any size, to prepare the next."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - the base class names it
        return None


class _BearerAuth(AuthBase):
    """Adds the key to requests for the origin, and to no other, whatever a caller does with the session."""

    def __init__(self, api_key: SecretStr | None, origin: Origin) -> None:
        value = api_key.get_secret_value().strip() if api_key is not None else ""
        # Checked here because the libraries quote a bad header's value in their errors.
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise ConfigurationError("The API key holds characters that no key has; copy it again.")
        self._api_key = SecretStr(value)
        self._origin = origin

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._api_key.get_secret_value() and self._origin.has(request.url or ""):
            request.headers["Authorization"] = f"Bearer {self._api_key.get_secret_value()}"
        return request


class _Deadline:
    """Ends an exchange when its time is up.

    Timeouts of sockets bound each single read, so a peer that sends a byte now and then could hold us for ever.
    """

    def __init__(self) -> None:
        self.passed = False
        self._socket: socket.socket | None = None

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        self.passed = False
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def watch(self, connected: socket.socket | None) -> None:
        self._socket = connected
        if self.passed:
            self._end()

    def _end(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                # The plain socket's method: the one of TLS sockets would change state under the reading thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Keeps one connection alive and tells the deadline which socket it is."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        deadline = self._deadline

        class Connection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        class TlsConnection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = TlsConnection

        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _what_failed(error: requests.RequestException) -> str:
    """The kind of failure in words of ours; the libraries' own texts name objects and addresses in memory."""
    if isinstance(error, requests.exceptions.SSLError):
        return "could not be reached safely (TLS or certificate error)"
    if isinstance(error, requests.exceptions.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "sent a reply that was cut short or damaged"
    return "could not be reached, or ended the connection"
