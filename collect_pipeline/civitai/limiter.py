"""One rate limit for all processes on this machine: one request under way, and seconds from one start to the next.

The state is the time of the last start in a small file under a lock. Whoever is next holds the lock while it waits and
while its request is under way, so the source sees one client however many runs there are, and the file never names a
time to come: a killed process leaves nothing behind, and a clock that jumps costs one interval at most.

The files may be written by every user of the machine, since the limit holds for all of them. Knows nothing of HTTP.
"""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from collect_pipeline.civitai.errors import ConfigurationError, WaitStoppedError
from collect_pipeline.civitai.waiting import never, wait

_FOR_EVERYBODY = 0o666


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

    @contextmanager
    def turn(self, should_stop: Callable[[], bool] = never) -> Iterator[None]:
        """Wait until the next request may start, and keep all others waiting while the context lasts.

        Raises:
            WaitStoppedError: `should_stop` said yes while waiting.
            ConfigurationError: the state file cannot be used.
        """
        if self._interval == 0:
            yield
            return
        lock = FileLock(self._lock_path, mode=_FOR_EVERYBODY)
        try:
            self._prepare_folder()
            lock.acquire(cancel_check=should_stop)
        except TimeoutError:
            raise WaitStoppedError("Stopped while waiting for the turn to send a request, as asked.") from None
        except OSError as error:
            raise self._unusable(error) from error
        try:
            try:
                wait(self._remaining(), should_stop, self._sleep)
                self._write(repr(self._clock()))
            except OSError as error:
                raise self._unusable(error) from error
            yield
        finally:
            lock.release()

    def _prepare_folder(self) -> None:
        folder = self._state_path.parent
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(PermissionError):  # somebody else's, who opened it already
            folder.chmod(0o777)

    def _write(self, text: str) -> None:
        # Never through a link, which another user could have put there.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        descriptor = os.open(self._state_path, flags, _FOR_EVERYBODY)
        try:
            os.write(descriptor, text.encode("ascii"))
            with suppress(PermissionError):
                os.fchmod(descriptor, _FOR_EVERYBODY)
        finally:
            os.close(descriptor)

    def _unusable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"The rate limit's file {self._state_path} cannot be used ({error.strerror or error}); "
            "make its folder writable."
        )

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
