"""One rate limit for all processes on this machine: seconds from the start of one request to the next.

The state is the time of the last start in a small file under a lock. Whoever is next holds the lock while it
waits, so the file never names a time to come: a killed process leaves nothing behind, and a clock that jumps
costs one interval at most. Knows nothing of HTTP.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from collect_pipeline.civitai.errors import ConfigurationError, WaitStoppedError
from collect_pipeline.civitai.waiting import never, wait


class RateLimiter:
    """Spaces requests. `state_path` is the file all processes share; its folder is made when missing.

    `interval` is in seconds, 0 for no limit. `clock` gives seconds since the epoch, because other processes
    read the same file.
    """

    def __init__(
        self,
        state_path: Path,
        interval: float,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not (math.isfinite(interval) and interval >= 0):
            raise ConfigurationError(f"The request interval must be 0 or more seconds, not {interval!r}.")
        self._state_path = state_path
        self._lock_path = state_path.with_name(state_path.name + ".lock")
        self._interval = interval
        self._clock = clock
        self._sleep = sleep

    def acquire(self, should_stop: Callable[[], bool] = never) -> None:
        """Return when the next request may start.

        Raises:
            WaitStoppedError: `should_stop` said yes while waiting.
            ConfigurationError: the state file cannot be used.
        """
        if self._interval == 0:
            return
        try:
            self._state_path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._lock_path).acquire(cancel_check=should_stop):
                wait(self._remaining(), should_stop, self._sleep)
                self._state_path.write_text(repr(self._clock()), encoding="ascii")
        except TimeoutError:
            raise WaitStoppedError("Stopped while waiting for the turn to send a request, as asked.") from None
        except OSError as error:
            reason = error.strerror or error
            raise ConfigurationError(
                f"The rate limit's file {self._state_path} cannot be used ({reason}); make its folder writable."
            ) from error

    def _remaining(self) -> float:
        try:
            last = float(self._state_path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0.0
        except ValueError:
            return self._interval
        since = self._clock() - last
        # A start in the future means that the clock was set back; NaN means a damaged file.
        return max(0.0, self._interval - since) if since >= 0 else self._interval
