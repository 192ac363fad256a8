"""Single old values as ours. Nothing here raises, whatever the value is."""

from datetime import UTC, datetime

from collect_pipeline.civitai.values import INT32_MAX, INT64_MAX, read_instant, read_text, read_whole
from collect_pipeline.legacy.source import Value

_MILLISECONDS = 10**11


def read_words(value: Value) -> str | None:
    """The text, also of a number; None for nothing and for blank text."""
    return None if value is None else read_text(str(value))


def read_id(value: Value) -> int | None:
    """The id of an image, or None."""
    return read_whole(value, 1, INT64_MAX)


def read_model_or_version_id(value: Value) -> int | None:
    """The id of a model or a version, or None."""
    return read_whole(value, 1, INT32_MAX)


def read_row_id(value: Value) -> int | None:
    """What old tables call a row of another, or None."""
    return read_whole(value, -INT64_MAX, INT64_MAX)


def read_count(value: Value) -> int | None:
    """A count, or None."""
    return read_whole(value, 0, INT64_MAX)


def read_version_ids(value: Value) -> tuple[tuple[int, ...], bool]:
    """The versions in a number, a text or the text of a Python list, each once; and whether there was anything else.

    `'123'` and `"[123, '456', 'x']"` give `((123,), False)` and `((123, 456), True)`.
    """
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return (), False
    parts: list[Value] = [text]
    if isinstance(text, str) and text[0] in "[(" and text[-1] in "])":
        parts = [part.strip(" '\"") for part in text[1:-1].split(",") if part.strip()]
    found = [read_model_or_version_id(part) for part in parts]
    known = [version_id for version_id in found if version_id is not None]
    return tuple(dict.fromkeys(known)), len(known) < len(found)


def read_time(value: Value) -> datetime | None:
    """A time as UTC without a zone: ISO 8601, or seconds or milliseconds since 1970. None if it is neither.

    The old tool wrote the local time of its computer without saying which zone that was; it is taken as UTC.
    """
    if not isinstance(value, int | float):
        return read_instant(value)
    try:
        seconds = value / 1000 if value > _MILLISECONDS else value
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
