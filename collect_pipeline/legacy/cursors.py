"""Where the old tool stopped in a list, and whether our walk may go on from there. Decides, and stores nothing.

A cursor of CivitAI's search is a place in one order of one selection of images, and the server does not notice when it
is sent with another. Our walk drains a version in the order Oldest. Only a cursor that was given for that order and for
the same images is gone on with; any other would make the drain begin somewhere in the middle and skip what the old
tool never saw. Images that are stored already are not stored again, so beginning anew costs time and nothing else.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from collect_pipeline.collection.walk import OLDEST

_API_LEVEL = 1
"""What the API shows when it is not told a browsing level: PG."""
_HARMLESS = {"limit", "withMeta", "flatMeta", "withTags", "page", "token"}
"""Parameters that leave the list as it is; `page` does nothing beside a cursor."""


@dataclass(frozen=True)
class OldCursor:
    """`cursor` is the one in the old text, if any; `usable` says whether our drain can go on with it, `remark` why.
    `odd` is false where there is nothing to tell."""

    cursor: str | None
    usable: bool
    remark: str
    odd: bool = True


def read_old_cursor(text: str | None, version_id: int, browsing_level: int) -> OldCursor:
    """Read `next_page_cursor`: nothing, a bare cursor, or the address of a next page, whose host does not matter."""
    if text is None or not text.strip():
        return OldCursor(None, usable=False, remark="no cursor: the drain begins at the first page", odd=False)
    text = text.strip()
    if not _is_address(text):
        return OldCursor(text, usable=False, remark="the cursor does not say its order: the drain begins anew")
    query = _query(text)
    cursor = query.pop("cursor", "") or None
    if cursor is None:
        return OldCursor(None, usable=False, remark="the old walk counted pages: the drain begins anew")
    reason = _why_not(query, version_id, browsing_level)
    if reason is None:
        return OldCursor(cursor, usable=True, remark="the drain goes on at the cursor", odd=False)
    return OldCursor(cursor, usable=False, remark=f"the cursor is {reason}: the drain begins anew")


def _is_address(text: str) -> bool:
    return "://" in text or text.startswith(("/", "?")) or "cursor=" in text or "page=" in text


def _query(address: str) -> dict[str, str]:
    query = address.partition("?")[2] if "?" in address else address
    # A plus is a plus: the API writes a space as %20.
    return dict(parse_qsl(query.partition("#")[0].replace("+", "%2B"), keep_blank_values=True))


def _why_not(query: dict[str, str], version_id: int, browsing_level: int) -> str | None:
    sort = query.pop("sort", "Most Reactions").replace("+", " ")
    if sort != OLDEST:
        return f"of the order {sort}"
    if query.pop("modelVersionId", "") != str(version_id):
        return "of another list than the version's"
    level = query.pop("browsingLevel", None)
    if (level or str(_API_LEVEL)) != str(browsing_level) or (level is None and "nsfw" in query):
        return "of other browsing levels"
    if query.pop("period", "AllTime") != "AllTime" or query.keys() - _HARMLESS - {"nsfw"}:
        return "of a part of the list"
    return None
