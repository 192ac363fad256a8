"""Builds real clients that talk to the scripted source without waiting for real."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from collect_pipeline.civitai.client import CivitaiClient, RetryPolicy
from collect_pipeline.civitai.limiter import RateLimiter

KEY = "s3cret-key-4711"


@dataclass
class Waits:
    """What the client said it waits for, and what it slept."""

    seconds: list[float] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    slept: float = 0.0

    def said(self, seconds: float, reason: str) -> None:
        self.seconds.append(seconds)
        self.reasons.append(reason)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def no_limit(tmp_path: Path) -> RateLimiter:
    return RateLimiter(tmp_path / "rate", 0)


ClientFor = Callable[..., CivitaiClient]


@pytest.fixture
def client_for(no_limit: RateLimiter, waits: Waits) -> Iterator[ClientFor]:
    """`client_for(url, key=…, policy=…, total_timeout=…)`: a client whose waits are recorded, not slept."""
    with ExitStack() as stack:

        def build(
            url: str, key: str | None = None, policy: RetryPolicy | None = None, total_timeout: float = 5.0
        ) -> CivitaiClient:
            client = CivitaiClient(
                url,
                SecretStr(key) if key is not None else None,
                no_limit,
                retry_policy=policy,
                sleep=waits.sleep,
                on_wait=waits.said,
                total_timeout=total_timeout,
            )
            return stack.enter_context(client)

        yield build
