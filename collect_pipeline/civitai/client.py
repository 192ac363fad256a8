"""The CivitAI client: pages of images, models, model versions, the key's owner.

Sends what the API needs to be told and nothing it must not be told, spaces requests over all processes, tries again
where that can help, and raises typed errors. Knows no database, no Dagster, and nothing of walks through a gallery.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from types import TracebackType
from typing import Self, TypeVar

from pydantic import SecretStr

from collect_pipeline.civitai.errors import (
    ReplyTooLargeError,
    RetryableError,
    RetryKind,
    SourceError,
    UnauthorizedError,
)
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.civitai.models import Model, Version, check_hash, read_model, read_version
from collect_pipeline.civitai.origin import read_origin
from collect_pipeline.civitai.page import Page, decode_json, read_cursor, read_items
from collect_pipeline.civitai.query import ImageQuery, check_id
from collect_pipeline.civitai.replies import check_reply, read_age, read_cache_status, unreadable
from collect_pipeline.civitai.retries import Backoff, RetryPolicy
from collect_pipeline.civitai.transport import Reply, Transport
from collect_pipeline.civitai.waiting import never, wait

__all__ = ["CivitaiClient", "ImageQuery", "Page", "RetryPolicy"]

USER_AGENT = f"collect-pipeline/{installed_version('collect-pipeline')} (prompt research; one request at a time)"
TOTAL_TIMEOUT = 60.0
_HALVING_STATUSES = frozenset({500, 504, 524})
"""The source ran out of time; a smaller page may be within its reach."""

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


def _ignore_wait(seconds: float, reason: str) -> None:
    """Nobody wants to know."""


class CivitaiClient:
    """A session with the API; use it in a `with` block or call `close`.

    `limiter` spaces the requests. `on_wait(seconds, reason)` is called before each wait between attempts;
    `should_stop` is asked during every wait. `clock` gives the time in UTC with a zone. `total_timeout` bounds one
    request with its body, in seconds.

    Every method that asks the source raises, beside what it names: PermanentError and its subclasses,
    NotFoundError, RetryableError and RefusedByEdgeError once attempts or patience are used up, and WaitStoppedError.

    Raises:
        ConfigurationError: the base URL or the key cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        api_key: SecretStr | None,
        limiter: RateLimiter,
        *,
        user_agent: str = USER_AGENT,
        retry_policy: RetryPolicy | None = None,
        clock: Callable[[], datetime] = _now,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[float, str], None] = _ignore_wait,
        should_stop: Callable[[], bool] = never,
        total_timeout: float = TOTAL_TIMEOUT,
    ) -> None:
        origin = read_origin(base_url)
        self.base_url = origin.api
        self._host = origin.host
        self._api_key = api_key if api_key is not None and api_key.get_secret_value().strip() else None
        self._policy = retry_policy or RetryPolicy()
        self._sleep = sleep
        self._on_wait = on_wait
        self._should_stop = should_stop
        self._transport = Transport(
            origin,
            api_key,
            user_agent=user_agent,
            total_timeout=total_timeout,
            request_turn=lambda: limiter.turn(should_stop),
            now=clock,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection that is kept alive."""
        self._transport.close()

    def images_page(self, query: ImageQuery, cursor: str | None = None) -> Page:
        """One page of a gallery: the first, or the one that `cursor` of an earlier page leads to.

        After an error that a smaller page may avoid, or a reply over 64 MB, the limit is halved; `Page.limit` says
        what was asked for.

        Raises:
            InvalidCursorError: the source does not know the cursor (any more), or it is empty.
            ReplyTooLargeError: a page of one item is over 64 MB.
        """

        def limit_after(halvings: int) -> int:
            return max(1, query.limit >> halvings)

        def address(halvings: int) -> str:
            return f"/images?{query.query_string(cursor, limit_after(halvings))}"

        def read(reply: Reply, attempts: int, halvings: int) -> Page:
            document = self._document(reply)
            items = read_items(document)
            if items is None:
                raise unreadable(reply, self._host, "JSON that is no page of images")
            next_cursor, cursor_problem = read_cursor(document)
            return Page(
                body=reply.body,
                items=items,
                next_cursor=next_cursor,
                cursor_problem=cursor_problem,
                url=reply.url,
                limit=limit_after(halvings),
                attempts=attempts,
                fetched_at=reply.received_at.astimezone(UTC).replace(tzinfo=None),
                elapsed=reply.elapsed,
                cache_status=read_cache_status(reply),
                age=read_age(reply),
            )

        return self._ask(address, read, can_halve=lambda halvings: limit_after(halvings) > 1)

    def model(self, model_id: int) -> Model:
        """A model with its published versions.

        Raises:
            InvalidIdError: not an id; nothing was sent.
        """
        check_id(model_id, "model id")
        return self._ask(lambda _: f"/models/{model_id}", lambda reply, *_: self._read(reply, read_model, "a model"))

    def model_version(self, version_id: int) -> Version:
        """One version by its id.

        Raises:
            InvalidIdError: not an id; nothing was sent.
        """
        check_id(version_id, "model version id")
        return self._ask(
            lambda _: f"/model-versions/{version_id}",
            lambda reply, *_: self._read(reply, read_version, "a model version"),
        )

    def version_by_hash(self, file_hash: str) -> Version:
        """The version that a file belongs to, by any of the hashes that the source keeps (AutoV2, SHA256 …).

        Raises:
            InvalidIdError: not a hash; nothing was sent.
        """
        digits = check_hash(file_hash)
        return self._ask(
            lambda _: f"/model-versions/by-hash/{digits}",
            lambda reply, *_: self._read(reply, read_version, "a model version"),
        )

    def me(self) -> str:
        """The name of the key's owner: the only way to learn whether a key is good, since others ignore a bad one.

        Raises:
            UnauthorizedError: there is no key, or the source refuses it.
        """
        if self._api_key is None:
            raise UnauthorizedError("No API key is set; put it into CIVITAI_API_KEY.")
        return self._ask(lambda _: "/me", lambda reply, *_: self._read(reply, _read_owner, "an account"))

    def _ask(
        self,
        address: Callable[[int], str],
        read: Callable[[Reply, int, int], T],
        can_halve: Callable[[int], bool] = lambda _: False,
    ) -> T:
        """Send until there is a readable reply or nothing more to hope for.

        `address` gets the number of times that the page is to be halved, `can_halve` says whether once more makes it
        smaller; `read` gets the reply, the requests sent so far and the same number.
        """
        backoff = Backoff(self._policy)
        attempts = halvings = too_slow = 0
        while True:
            attempts += 1
            try:
                reply = self._transport.get(address(halvings))
                check_reply(reply, self._host, self._api_key)
                return read(reply, attempts, halvings)
            except ReplyTooLargeError:
                if not can_halve(halvings):
                    raise
                halvings += 1
                continue
            except SourceError as error:
                seconds = backoff.next_wait(error)
                if seconds is None:
                    raise
                is_slow = isinstance(error, RetryableError) and error.kind is RetryKind.TOO_SLOW
                # Once may be the network; twice is a page too large for it.
                halvings += error.status in _HALVING_STATUSES or (is_slow and too_slow > 0)
                too_slow += is_slow
                reason = str(error)
            self._on_wait(seconds, reason)
            wait(seconds, self._should_stop, self._sleep)

    def _document(self, reply: Reply) -> object:
        try:
            return decode_json(reply.body)
        except ValueError:
            raise unreadable(reply, self._host, "something that is not JSON") from None

    def _read(self, reply: Reply, read: Callable[[object], T | None], what: str) -> T:
        record = read(self._document(reply))
        if record is None:
            raise unreadable(reply, self._host, f"JSON that is not {what}")
        return record


def _read_owner(document: object) -> str | None:
    if not isinstance(document, dict):
        return None
    name = document.get("username") or document.get("id")
    return str(name) if isinstance(name, str | int) else None
