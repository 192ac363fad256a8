"""A page of `/images`: from the body as received to its items and the cursor after it.

Knows nothing of HTTP beyond the reply handed in, and nothing of what an item holds.
"""

import json
import math
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page as the source gave it.

    Attributes:
        body: the body as received, after gzip.
        items: the entries of `items`, whatever they are.
        next_cursor: opaque text to ask for the next page with; None at the end of the list.
        cursor_problem: why `next_cursor` is None although the reply does not look like a normal end; such an
            end is not to be trusted.
        url: the address of the reply; it holds no secret.
        limit: the number of items asked for in the request that succeeded, which is smaller than the query's
            after certain server errors.
        attempts: requests sent for this page.
        fetched_at: when the body was complete; UTC without a zone, as the warehouse keeps time.
        elapsed: seconds from sending the successful request to the end of its body.
        cache_status: Cloudflare's `CF-Cache-Status` in upper case (`HIT`: an earlier reply came back), or None.
        age: seconds that a cached reply is old, or None.
    """

    body: bytes = field(repr=False)
    items: list[object] = field(repr=False)
    next_cursor: str | None
    cursor_problem: str | None
    url: str
    limit: int
    attempts: int
    fetched_at: datetime
    elapsed: float
    cache_status: str | None
    age: int | None


def decode_json(body: bytes) -> object:
    """Decode what the API sends, which is not always strict JSON: invalid UTF-8 becomes U+FFFD, NaN is accepted.

    Raises:
        ValueError: it is not JSON at all, or nested beyond reason.
    """
    return decode_json_text(body.decode("utf-8-sig", errors="replace"))


def decode_json_text(text: str) -> object:
    """The value of a JSON text, to be decoded as a reply is.

    Raises:
        ValueError: it is not JSON at all, or nested beyond reason.
    """
    try:
        decoded: object = json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Python refuses to read integers of more than 4300 digits; one such number must not cost the page.
        decoded = json.loads(text, parse_int=_whole_number)
    return decoded


def read_items(document: object) -> list[object] | None:
    """The entries of a page, or None if this is no page at all (an outage answers so with status 200)."""
    if isinstance(document, dict) and isinstance(items := document.get("items"), list):
        return items
    return None


def read_cursor(document: object) -> tuple[str | None, str | None]:
    """The cursor after a page, and why there is none if that is not a normal end.

    The legacy route sends a number; "" and null mean the end. Anything else cannot be sent back, so the list
    ends here without being known to be complete.
    """
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        return None, "the reply holds no metadata"
    cursor = metadata.get("nextCursor")
    if cursor is None or cursor == "":
        return None, None
    if isinstance(cursor, str):
        return (cursor, None) if _is_unicode(cursor) else (None, "nextCursor is not Unicode text")
    if isinstance(cursor, int) and not isinstance(cursor, bool):
        return str(cursor), None
    if isinstance(cursor, float) and math.isfinite(cursor):
        return (str(int(cursor)) if cursor.is_integer() else repr(cursor)), None
    return None, f"nextCursor is of type {type(cursor).__name__}"


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= 1000 else float(digits)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
