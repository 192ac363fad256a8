"""Single JSON values as plain Python values, or None when they are not what they should be.

Nothing here raises, whatever the value is, and every text can be stored in a database. Knows no field of the API.
"""

import math
import re
from datetime import UTC, datetime

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def read_text(value: object) -> str | None:
    """The text with NUL and lone surrogates replaced by U+FFFD; None for other types and for blank text."""
    if not isinstance(value, str) or not value or value.isspace():
        return None
    # Most texts need no search: nothing else in ASCII is unstorable.
    return value if value.isascii() and "\0" not in value else _UNSTORABLE.sub("\ufffd", value)


def read_whole(value: object, low: int, high: int) -> int | None:
    """A whole number between `low` and `high`, also from text and from a float without fraction."""
    if type(value) is int:  # as most are
        return value if low <= value <= high else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if _WHOLE.fullmatch(text) else read_decimal(text)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if not isinstance(value, int):
        return None
    return value if low <= value <= high else None


def read_decimal(value: object) -> float | None:
    """A finite number, also from text. A comma left behind by the generation-data parser is dropped."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip().rstrip(",")
        value = float(text) if _DECIMAL.fullmatch(text) else None
    if not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def read_instant(value: object) -> datetime | None:
    """An ISO 8601 time as UTC without a zone; a time without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value.strip())
        return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def read_list(value: object) -> list[object]:
    """The list itself, or an empty one."""
    return value if isinstance(value, list) else []


def read_object(value: object) -> dict[str, object]:
    """The JSON object itself, or an empty one."""
    return value if isinstance(value, dict) else {}
