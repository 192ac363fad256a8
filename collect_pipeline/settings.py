"""The environment as one typed, immutable object. Nothing else in the project reads `os.environ`.

Knows nothing of DuckDB, Dagster or the API; it is read at the edges (commands, assets) and passed on as plain values.
"""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The folder of `workspace.yaml`; relative paths in settings start here."""


_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
"""A name, or an address of either kind."""


class SettingsError(Exception):
    """A setting that cannot be used; the message is one sentence for a person."""


def _web_origin(value: str) -> str:
    wrong = ValueError("must look like https://civitai.com")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:  # a port that is no number, brackets without an address in them
        raise wrong from error
    if parts.scheme not in {"http", "https"} or port == 0 or parts.query or parts.fragment or parts.username:
        raise wrong
    if not _HOST.fullmatch(parts.hostname or ""):
        raise wrong
    return value.rstrip("/")


def _from_root(value: Path) -> Path:
    path = value.expanduser()
    return path if path.is_absolute() else PROJECT_ROOT / path


RootedPath = Annotated[Path, AfterValidator(_from_root)]


class Settings(BaseSettings):
    """What the environment (and a `.env` beside `workspace.yaml`) says. Field names are the variables, in lower case.

    Intervals are in seconds. `collect_browsing_level` is CivitAI's bit mask: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX.
    """

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    civitai_base_url: Annotated[str, AfterValidator(_web_origin)] = "https://civitai.com"
    civitai_api_key: SecretStr | None = None
    civitai_request_interval: float = Field(default=1.0, ge=0, le=3600)
    collect_browsing_level: int = Field(default=1, ge=1, le=31)
    collect_confirm_after: float = Field(default=450, ge=0)
    collect_database: RootedPath = Path("data/collect.duckdb")
    collect_export_dir: RootedPath = Path("data/exports")
    dagster_home: RootedPath = Path(".dagster_home")


def load_settings() -> Settings:
    """Read the environment now.

    Raises:
        SettingsError: a variable holds something that cannot be used; the message names it, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "a setting"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name} cannot be used: {reason}. Correct it in the environment or in .env.") from None
