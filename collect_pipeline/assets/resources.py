"""The two outside things as a Dagster resource: the warehouse and the CivitAI API, as the environment names them.

The environment is read when a run starts, not when the definitions load, so that the UI starts with any settings and
a wrong one fails the run that needs it, in one sentence.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg

from collect_pipeline.civitai.client import CivitaiClient, RetryPolicy
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.overview import VersionStatus, overview
from collect_pipeline.collection.walk import Policy
from collect_pipeline.settings import Settings, load_settings
from collect_pipeline.warehouse.connection import Warehouse


class Collection(dg.ConfigurableResource[None]):
    """What a run needs of the world outside: settings, the warehouse, a client of the API."""

    def settings(self) -> Settings:
        """The settings now. Raises SettingsError if one cannot be used."""
        return load_settings()

    def warehouse(self, say: Callable[[str], None]) -> Warehouse:
        """The warehouse; `say` is told whenever it has to be waited for."""
        return open_warehouse(self.settings(), say)

    def client(self, say: Callable[[str], None]) -> CivitaiClient:
        """A client for the configured origin; `say` is told before every wait. Close it after use."""
        return open_client(self.settings(), say)

    def policy(self) -> Policy:
        """Bounds and waits of the walk."""
        return walk_policy(self.settings())


def walk_policy(settings: Settings) -> Policy:
    """Bounds and waits of the walk, as the settings say."""
    return Policy(confirm_after=settings.collect_confirm_after)


def read_overview(settings: Settings, warehouse: Warehouse) -> list[VersionStatus]:
    """Every followed version: how far it is, what is due at the levels of the settings, what is wrong."""
    return overview(warehouse, walk_policy(settings), settings.collect_browsing_level)


def open_warehouse(settings: Settings, say: Callable[[str], None]) -> Warehouse:
    """The warehouse that the settings name."""
    return Warehouse(settings.collect_database, on_wait=say)


def open_client(
    settings: Settings, say: Callable[[str], None], retry_policy: RetryPolicy | None = None
) -> CivitaiClient:
    """A client for the origin that the settings name; one rate limit holds for all processes on the machine."""
    return CivitaiClient(
        settings.civitai_base_url,
        settings.civitai_api_key,
        RateLimiter(_limit_file(settings.civitai_base_url), settings.civitai_request_interval),
        retry_policy=retry_policy,
        on_wait=lambda seconds, reason: say(f"Waiting {seconds:.0f} s before asking again: {reason}"),
    )


def check_key(settings: Settings, client: CivitaiClient, say: Callable[[str], None]) -> None:
    """Say whose the API key is, if there is one.

    Raises:
        UnauthorizedError: the source refuses it.
    """
    if settings.civitai_api_key is not None:
        say(f"The API key belongs to {client.me()}.")


def _limit_file(base_url: str) -> Path:
    """One file for each origin, for all users of this machine, whatever project folder or warehouse asks."""
    origin = urlsplit(base_url).netloc.replace(":", "_")
    return Path(tempfile.gettempdir()) / "collect-pipeline" / f"{origin}.last-request"
