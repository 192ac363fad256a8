"""The sandbox's idea of now: real time until somebody sets or advances it.

Knows nothing of what the time is used for.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Clock:
    """A clock over `source` that can be stopped at a moment and moved on."""

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self._source = source
        self._stopped_at: datetime | None = None
        self._shift = timedelta()

    def now(self) -> datetime:
        """The current moment, in UTC."""
        moment = self._source() if self._stopped_at is None else self._stopped_at
        return moment.astimezone(UTC) + self._shift

    def now_ms(self) -> int:
        """The current moment in milliseconds since 1970, as cursors carry it."""
        return milliseconds(self.now())

    def set(self, moment: datetime) -> None:
        """Stop the clock at `moment` (aware; anything else raises ValueError)."""
        if moment.tzinfo is None:
            raise ValueError("the moment must carry its time zone, such as 2026-01-31T12:00:00Z")
        self._stopped_at = moment
        self._shift = timedelta()

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`; a running clock keeps running."""
        self._shift += timedelta(seconds=seconds)

    def run_free(self) -> None:
        """Back to the time of the source."""
        self._stopped_at = None
        self._shift = timedelta()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def iso(moment_ms: int) -> str:
    """ISO 8601 with milliseconds and Z, as CivitAI writes dates."""
    moment = _EPOCH + timedelta(milliseconds=moment_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment_ms % 1000:03d}Z"
