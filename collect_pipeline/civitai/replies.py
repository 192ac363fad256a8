"""What a reply means: fine, or which error. Rules from the API's source and its edge network (Cloudflare).

Decides nothing about waiting or trying again.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import SecretStr

from collect_pipeline.civitai.errors import (
    InvalidCursorError,
    NotFoundError,
    PermanentError,
    RefusedByEdgeError,
    RegionBlockedError,
    RetryableError,
    RetryKind,
    SourceError,
    UnauthorizedError,
)
from collect_pipeline.civitai.page import decode_json
from collect_pipeline.civitai.transport import Reply
from collect_pipeline.civitai.values import read_decimal

RETRY_AFTER_CAP = 300.0
CACHED_ERROR_SECONDS = 301.0
"""The edge may keep an error reply for 300 s, so asking later than that sees a fresh one."""

PAGE_CAP_TEXT = "You've requested too many pages"
_CURSOR_TEXT = "Invalid cursor"
_SHOWN_CHARACTERS = 160


def check_reply(reply: Reply, host: str, api_key: SecretStr | None) -> None:
    """Return if the status is 200. `api_key` is what must not be shown, should the server repeat it.

    Raises:
        SourceError: the subclass that fits the status, with what the server said, cut to one line.
    """
    if reply.status != 200:
        raise _error_for(reply, host, _what_it_said(reply, api_key), has_key=api_key is not None)


def unreadable(reply: Reply, host: str, what: str) -> RetryableError:
    """The error for a reply of status 200 that is not what was asked for."""
    return RetryableError(
        f"{host} answered with {what} instead of what was asked for; try again later.",
        kind=RetryKind.UNREADABLE,
        status=reply.status,
        url=reply.url,
        retry_after=_cached_for(reply),
    )


def read_age(reply: Reply) -> int | None:
    """Seconds that a reply from the edge's cache is old, or None."""
    age = reply.headers.get("Age", "").strip()
    return int(age) if re.fullmatch(r"[0-9]{1,9}", age) else None


def read_cache_status(reply: Reply) -> str | None:
    """Cloudflare's word for where the reply came from, in upper case, or None."""
    return reply.headers.get("CF-Cache-Status", "").strip().upper() or None


def _error_for(reply: Reply, host: str, said: str, *, has_key: bool) -> SourceError:
    status, url = reply.status, reply.url
    answered = f"{host} answered {status}" + (f" ({said})" if said else "")
    if status == 400 and said.startswith(_CURSOR_TEXT):
        return InvalidCursorError(
            f"{host} does not know this cursor ({said}); begin this version again with --restart.",
            status=status,
            url=url,
        )
    if status == 401:
        what = "refuses the API key; check" if has_key else "asks for an API key; put one into"
        return UnauthorizedError(f"{host} {what} CIVITAI_API_KEY.", status=status, url=url)
    if status == 403 and _is_challenge(reply):
        return RefusedByEdgeError(
            f"{host} answers with a challenge for browsers; wait some hours, or ask from another network.",
            status=status,
            url=url,
        )
    if status == 404 and _is_html(reply):
        return PermanentError(f"There is no CivitAI API at {host}; check CIVITAI_BASE_URL.", status=status, url=url)
    if status == 404:
        return NotFoundError(
            f"{answered}: it does not exist, or is unpublished or not rated yet; check the id or ask again later.",
            status=status,
            url=url,
        )
    if status == 429 and said.startswith(PAGE_CAP_TEXT):
        return PermanentError(f"{answered}; ask by cursor, not by page.", status=status, url=url)
    if status == 451:
        return RegionBlockedError(
            f"{host} is closed to the country that you ask from (451); ask from another network.",
            status=status,
            url=url,
        )
    if status in {408, 425, 429, 499} or status >= 500 or 200 < status < 300:
        return RetryableError(
            f"{answered}; try again later.",
            kind=_retry_kind(reply),
            status=status,
            url=url,
            retry_after=_retry_after(reply),
        )
    return PermanentError(f"{answered}; asking again would not help.", status=status, url=url)


def _retry_kind(reply: Reply) -> RetryKind:
    if reply.status == 429:
        return RetryKind.RATE_LIMITED
    if reply.status == 503 and "Retry-After" in reply.headers:
        return RetryKind.BUSY
    return RetryKind.SERVER_ERROR


def _retry_after(reply: Reply) -> float | None:
    """What the server asks for, in seconds and capped; else how long the edge may repeat a cached error."""
    asked = _seconds_of(reply.headers.get("Retry-After", "").strip(), reply)
    if asked is None and reply.status == 429:
        asked = _retry_after_in_body(reply)
    return _cached_for(reply) if asked is None else min(max(asked, 0.0), RETRY_AFTER_CAP)


def _seconds_of(value: str, reply: Reply) -> float | None:
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    # The server's own clock, if it tells it: ours may be wrong.
    now = _http_date(reply.headers.get("Date", "")) or reply.received_at
    return (until - now).total_seconds()


def _http_date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date
    except (ValueError, OverflowError):
        return None


def _retry_after_in_body(reply: Reply) -> float | None:
    try:
        document = decode_json(reply.body)
    except ValueError:
        return None
    value = document.get("retry_after") if isinstance(document, dict) else None
    return read_decimal(value)


def _cached_for(reply: Reply) -> float | None:
    if read_cache_status(reply) not in {"HIT", "STALE", "UPDATING"}:
        return None
    return max(1.0, CACHED_ERROR_SECONDS - (read_age(reply) or 0))


def _is_html(reply: Reply) -> bool:
    return "html" in reply.headers.get("Content-Type", "").lower() or reply.body.lstrip()[:1] == b"<"


def _is_challenge(reply: Reply) -> bool:
    return "challenge" in reply.headers.get("cf-mitigated", "").lower() or _is_html(reply)


def _what_it_said(reply: Reply, api_key: SecretStr | None) -> str:
    """The server's own words on one short line: the JSON's error text, a page's title, or plain text."""
    try:
        document = decode_json(reply.body)
    except ValueError:
        document = None
    if isinstance(document, dict):
        text = document.get("error") or document.get("message")
        if isinstance(text, dict):
            text = text.get("message") or text.get("name")
        said = text if isinstance(text, str) else ""
    elif _is_html(reply):
        title = re.search(rb"<title[^>]*>(.{0,300}?)</title>", reply.body[:20_000], re.IGNORECASE | re.DOTALL)
        said = title.group(1).decode(errors="replace") if title else "a web page"
    else:
        said = reply.body[:1000].decode(errors="replace")
    if api_key is not None and (secret := api_key.get_secret_value().strip()):
        said = said.replace(secret, "…")
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…"
