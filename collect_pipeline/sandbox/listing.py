"""How each route of the site orders images, cuts pages and writes cursors, with the losses each is known for.

Source: CivitAI's `src/server/services/image.service.ts` and `image-search.service.ts` (v5.0.2257), described
route by route in the functions below. Knows nothing of HTTP or of how an image is shown.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collect_pipeline.sandbox.catalogue import Image
from collect_pipeline.sandbox.parameters import javascript_number

ENGAGEMENT = {
    "Most Reactions": ("laughCount", "likeCount", "heartCount", "cryCount"),
    "Most Comments": ("commentCount",),
    "Most Collected": ("collectedCount",),
}

Cursor = str | int

_FAR_MS = 32_503_680_000_000
"""The year 3000: an entry that filters nothing."""


class CursorError(Exception):
    """A cursor that the LEGACY route refuses; the message is the server's."""


class ServerFailureError(Exception):
    """The server's own code fails; the message is what it answers with status 500."""


@dataclass(frozen=True)
class Page:
    """Images to show, and the cursor for more; None at the end."""

    images: list[Image]
    next_cursor: Cursor | None


@dataclass(frozen=True)
class Ask:
    """What a route needs to know of a request. `shift` rows are skipped (negative: repeated) at its start;
    `ceiling` is the number of hits that a search engine gives at most.
    """

    sort: str
    limit: int
    cursor: str | None
    page: int = 1
    shift: int = 0
    ceiling: int | None = None


Route = Callable[[Sequence[Image], Ask], Page]


def order(images: Sequence[Image], sort: str, route: str) -> list[Image]:
    """`images` as `route` sorts them.

    LEGACY goes by id whatever is asked except Oldest. BITDEX breaks ties by id. FEED and INDEX leave ties in
    no order that a client could rely on, but in the same one each time.
    """
    if route == "legacy":
        return sorted(images, key=lambda image: image.image_id, reverse=sort != "Oldest")
    if route == "bitdex":
        return sorted(images, key=lambda image: _keyset(image, sort), reverse=sort != "Oldest")
    unordered = sorted(images, key=lambda image: _scatter(image.image_id))
    if sort in ENGAGEMENT:
        return sorted(unordered, key=lambda image: -_count(image, sort))
    return sorted(unordered, key=lambda image: image.published_ms, reverse=sort != "Oldest")


def legacy(rows: Sequence[Image], ask: Ask) -> Page:
    """SQL by id. The cursor is the id of the row after the page; going down, that row itself is left out."""
    ascending = ask.sort == "Oldest"
    start = (ask.page - 1) * ask.limit if ask.page > 1 else 0
    if ask.cursor is not None:
        position = _legacy_position(ask.cursor)
        start = sum(1 for row in rows if (row.image_id < position if ascending else row.image_id >= position))
    start = max(0, start + ask.shift)
    found = rows[start : start + ask.limit + 1]
    following = found[ask.limit].image_id if len(found) > ask.limit else None
    return Page(_shown(found[: ask.limit]), following)


def feed(rows: Sequence[Image], ask: Ask) -> Page:
    """An offset into the list as it is now. The cursor is made before withheld images are taken out."""
    offset = max(0, _offset(ask.cursor, most_parts=2) + ask.shift)
    found = rows[: ask.ceiling][offset : offset + ask.limit + 1]
    if len(found) <= ask.limit:
        return Page(_shown(found), None)
    if ask.limit == 0:
        raise ServerFailureError("Cannot read properties of undefined (reading 'sortAtUnix')")
    last = found[ask.limit - 1]
    return Page(_shown(found[: ask.limit]), f"{offset + ask.limit}|{last.published_ms}")


def index_pre_filter(rows: Sequence[Image], ask: Ask) -> Page:
    """An offset and the moment of entry, the first image's of page 1.

    Newest shows later pages only what is older than the minute of entry, which shifts the offset by the images
    inside that minute: they are lost. A page that turns out empty has no cursor, whatever follows.
    """
    offset = max(0, _offset(ask.cursor) + ask.shift)
    entry = _second_number(ask.cursor)
    if entry is not None and ask.sort in {"Newest", "Random"}:
        rows = [row for row in rows if row.published_ms <= entry - entry % 60_000]
    found = rows[: ask.ceiling][offset : offset + ask.limit + 1]
    shown = _shown(found[: ask.limit])
    if len(found) <= ask.limit or not shown:
        return Page(shown, None)
    return Page(shown, f"{offset + ask.limit}|{found[0].published_ms if entry is None else entry}")


def index_post_filter(rows: Sequence[Image], ask: Ask) -> Page:
    """Fills a page past withheld images, but moves the offset by the page's length only: rows come again."""
    offset = max(0, _offset(ask.cursor) + ask.shift)
    shown = _shown(rows[: ask.ceiling][offset:])[: ask.limit + 1]
    if len(shown) <= ask.limit:
        return Page(shown, None)
    return Page(shown[: ask.limit], f"{offset + ask.limit}|{shown[ask.limit].published_ms}")


def bitdex(rows: Sequence[Image], ask: Ask) -> Page:
    """A keyset. Up to three batches fill a page; what they hold too much is cut, and lost with their cursor.

    A full last batch gives a cursor even when nothing follows, hence a trailing empty page.
    """
    start = 0
    position = _keyset_position(ask.cursor)
    if position is not None:
        start = sum(1 for row in rows if _up_to(row, ask.sort, position))
    start = max(0, start + ask.shift)
    shown: list[Image] = []
    batch: Sequence[Image] = ()
    for _ in range(3):
        batch = rows[start : start + ask.limit]
        start += len(batch)
        shown += _shown(batch)
        if len(shown) >= ask.limit or len(batch) < ask.limit:
            break
    if not batch or len(batch) < ask.limit:
        return Page(shown[: ask.limit], None)
    sort_value, slot_id = _keyset(batch[-1], ask.sort)
    keyset = json.dumps({"sort_value": sort_value, "slot_id": slot_id}, separators=(",", ":"))
    return Page(shown[: ask.limit], f"{_offset(ask.cursor) + ask.limit}|bdx:{keyset}")


ROUTES: dict[str, Route] = {
    "legacy": legacy,
    "feed": feed,
    "index": index_pre_filter,
    "index-post": index_post_filter,
    "bitdex": bitdex,
}


def same_place(route: str, sort: str, cursor: str | None, number: int) -> str:
    """Another cursor for the place that `cursor` stands for; `number` makes it unlike others."""
    if route == "legacy":
        beginning = "0" if sort == "Oldest" else "2147483648"
        return (cursor or beginning).partition(".")[0] + "." + "0" * number
    if route == "bitdex":
        keyset = cursor.partition("|")[2] if cursor else "bdx:"
        return f"{_offset(cursor) + number}|{keyset}"
    entry = _second_number(cursor)
    return f"{_offset(cursor)}|{_FAR_MS + number if entry is None else entry + number}"


def cut_recorded(items: Sequence[Any], ask: Ask) -> tuple[list[Any], str | None]:
    """A slice of recorded items and the cursor after it: an offset, as on FEED."""
    offset = max(0, _offset(ask.cursor, most_parts=2) + ask.shift)
    end = offset + max(1, ask.limit)
    return list(items[offset:end]), f"{end}|{end}" if end < len(items) else None


def _shown(rows: Sequence[Image]) -> list[Image]:
    return [row for row in rows if not row.withheld]


def _scatter(image_id: int) -> bytes:
    return hashlib.blake2b(image_id.to_bytes(8, "big"), digest_size=8).digest()


def _count(image: Image, sort: str) -> int:
    return sum(image.counts[name] for name in ENGAGEMENT[sort])


def _legacy_position(cursor: str) -> float:
    parts = cursor.split("|")
    if len(parts) != 1:
        raise CursorError(f"Invalid cursor: expected 1 value(s) for this sort, received {len(parts)}")
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", cursor):
        return datetime.fromisoformat(cursor).timestamp() * 1000  # read as a date, then taken for an id
    position = javascript_number(cursor)
    if math.isnan(position):
        raise CursorError(f'Invalid cursor: unparseable numeric value "{cursor}"')
    return position


def _offset(cursor: str | None, most_parts: int = 99) -> int:
    parts = (cursor or "").split("|")
    if len(parts) > most_parts or not re.fullmatch(r"\d{1,15}", parts[0]):
        return 0
    return int(parts[0])


def _second_number(cursor: str | None) -> int | None:
    second = (cursor or "").partition("|")[2]
    return int(second) if re.fullmatch(r"\d{1,15}", second) else None


def _keyset(image: Image, sort: str) -> tuple[int, int]:
    value = _count(image, sort) if sort in ENGAGEMENT else image.published_ms // 1000
    return value, image.image_id


def _keyset_position(cursor: str | None) -> tuple[int, int] | None:
    text = (cursor or "").partition("|bdx:")[2]
    try:
        keyset = json.loads(text)
        return int(keyset["sort_value"]), int(keyset["slot_id"])
    except (ValueError, TypeError, KeyError):
        return None


def _up_to(row: Image, sort: str, position: tuple[int, int]) -> bool:
    return _keyset(row, sort) <= position if sort == "Oldest" else _keyset(row, sort) >= position
