"""How long to wait before a request is sent again, and when to give up. Pure: no clock, no sleep, no HTTP."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from collect_pipeline.civitai.errors import (
    ConfigurationError,
    RefusedByEdgeError,
    RetryableError,
    RetryKind,
    SourceError,
)
from collect_pipeline.civitai.replies import CACHED_ERROR_SECONDS

_EDGE_WAITS = (30.0, 60.0, 120.0, 300.0)
_BUSY_WAITS = (2.0, 4.0, 8.0, 30.0)
_LONGEST_WAIT = 30.0
_JITTER = 0.25
_CACHEABLE = frozenset({RetryKind.SERVER_ERROR, RetryKind.UNREADABLE})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of one call.

    `attempts` counts requests, the first included. `patience` bounds the sum of the waits between them, in
    seconds. `challenge_wait` is the one wait after a challenge page, 0 for none.
    """

    attempts: int = 8
    patience: float = 600.0
    challenge_wait: float = 300.0

    def __post_init__(self) -> None:
        """Refuse bounds that make no sense.

        Raises:
            ConfigurationError: no attempt at all, or a negative number of seconds.
        """
        if self.attempts < 1 or not self.patience >= 0 or not self.challenge_wait >= 0:
            raise ConfigurationError("A retry policy needs at least one attempt and waits of 0 or more seconds.")


class Backoff:
    """The waits of one call, by what went wrong so far."""

    def __init__(self, policy: RetryPolicy, jitter: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._jitter = jitter
        self._seen: Counter[RetryKind] = Counter()
        self._attempts = 0
        self._challenged = False
        self._waited = 0.0

    def next_wait(self, error: SourceError) -> float | None:
        """Seconds to wait before the next attempt, or None to give up now.

        When it gives up on a RetryableError, it leaves the wait it would have chosen in `error.retry_after`.
        """
        self._attempts += 1
        if isinstance(error, RetryableError):
            wait = self._wait_for(error)
            error.retry_after = wait
        elif isinstance(error, RefusedByEdgeError) and not self._challenged and self._policy.challenge_wait:
            self._challenged = True
            wait = self._policy.challenge_wait
        else:
            return None
        if self._attempts >= self._policy.attempts or not self._allows(wait):
            return None
        self._waited += wait
        return wait

    def _wait_for(self, error: RetryableError) -> float:
        before = self._seen[error.kind]
        self._seen[error.kind] += 1
        asked = error.retry_after or 0.0
        if error.kind is RetryKind.RATE_LIMITED:
            return max(asked, 1.0) if error.retry_after is not None else _at(_EDGE_WAITS, before)
        if error.kind is RetryKind.BUSY:
            return max(asked, _at(_BUSY_WAITS, before))
        doubling = min(2.0 ** min(before, 10), _LONGEST_WAIT) * (1 + _JITTER * self._jitter())
        if error.kind in _CACHEABLE and self._should_outwait_cache():
            doubling = max(doubling, CACHED_ERROR_SECONDS)
        return max(asked, doubling)

    def _should_outwait_cache(self) -> bool:
        """Whether the next attempt is the last one here, or lies beyond this call.

        Error replies are cacheable at the edge, so the last attempt belongs after they have expired, if there is
        patience for it; and whoever asks again after we gave up should not come sooner.
        """
        left = self._policy.attempts - self._attempts
        return left <= 0 or (left == 1 and self._allows(CACHED_ERROR_SECONDS))

    def _allows(self, wait: float) -> bool:
        return self._waited + wait <= self._policy.patience


def _at(waits: tuple[float, ...], place: int) -> float:
    return waits[min(place, len(waits) - 1)]
