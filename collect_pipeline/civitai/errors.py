"""What can go wrong with the source. Every message is one sentence for a person: what is wrong and what to do.

Knows nothing of requests, of retries or of who catches it. All errors can be pickled, and none of them holds
a secret: the key travels in a header, so addresses are safe to show.
"""

from enum import StrEnum


class SourceError(Exception):
    """Something went wrong between us and the API.

    Attributes:
        status: the HTTP status, or None when there was no reply.
        url: the address asked for, or None when nothing was sent.
        retry_after: seconds after which asking again makes sense, or None when unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        url: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.url = url
        self.retry_after = retry_after


class ConfigurationError(SourceError, ValueError):
    """A base URL, key or query option that cannot be used; nothing was sent."""


class InvalidIdError(SourceError, ValueError):
    """An id that must not be sent: an empty or zero id means the gallery of the whole site to the API."""


class WaitStoppedError(SourceError):
    """The caller asked to stop while a wait was going on."""


class PermanentError(SourceError):
    """Asking again would give the same reply."""


class ReplyTooLargeError(PermanentError):
    """The reply is larger than what is read of one; fewer items a page make a smaller one."""


class InvalidCursorError(PermanentError):
    """The API does not know this cursor: drop it and begin the walk again."""


class UnauthorizedError(PermanentError):
    """The API key is missing, wrong or expired."""


class RegionBlockedError(PermanentError):
    """The source is closed to the country that the request came from."""


class NotFoundError(SourceError):
    """The source has no such thing now. Fresh models and versions may answer so for days."""


class RefusedByEdgeError(SourceError):
    """The network in front of the source refuses us (a challenge page); waiting did not help."""


class RetryKind(StrEnum):
    """Why a request may be sent again; decides how long to wait."""

    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    NETWORK = "network"
    TOO_SLOW = "too_slow"
    UNREADABLE = "unreadable"


class RetryableError(SourceError):
    """The reply was missing, broken or "not now"; raised once the client's own attempts are used up.

    `retry_after` is what the server asked for or what the client would have waited next, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: RetryKind = RetryKind.NETWORK,
        status: int | None = None,
        url: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, url=url, retry_after=retry_after)
        self.kind = kind


class InvalidTargetError(SourceError, ValueError):
    """Text that names no model, version, image or post."""


class AmbiguousTargetError(SourceError, ValueError):
    """A bare number that is both a model and a version."""
