"""What may be asked of `/images`, checked before anything is sent. Knows nothing of HTTP."""

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, urlencode

from collect_pipeline.civitai.errors import ConfigurationError, InvalidCursorError, InvalidIdError

MAX_ID = 2**31 - 1
"""Ids of models, versions, posts and users are Postgres int4."""

MAX_LIMIT = 200

Sort = Literal["Oldest", "Newest"]
MediaType = Literal["image", "video", "audio"]
Period = Literal["Day", "Week", "Month", "Year", "AllTime"]


def check_id(value: object, what: str) -> int:
    """Return `value` if it is an id that may be sent.

    Raises:
        InvalidIdError: not a whole number from 1 to 2147483647.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_ID:
        shown = repr(value) if isinstance(value, int | str | None) else type(value).__name__
        raise InvalidIdError(f"A {what} must be a whole number from 1 to {MAX_ID}, not {shown[:60]}.")
    return value


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """One gallery and how to walk it. Parameters left out here (page, nsfw, requiringMeta …) must never be sent.

    `browsing_level` is the bit mask of maturity levels (1 PG, 2 PG-13, 4 R, 8 X, 16 XXX). `media_type`,
    `base_models` and `period` cut a gallery into parts when the source's search ends too early.
    """

    model_version_id: int
    limit: int = 100
    sort: Sort = "Oldest"
    browsing_level: int = 1
    media_type: MediaType | None = None
    base_models: tuple[str, ...] = ()
    period: Period = "AllTime"

    def __post_init__(self) -> None:
        """Refuse what the API would misread.

        Raises:
            InvalidIdError: the version id is not an id.
            ConfigurationError: any other field is out of its range.
        """
        check_id(self.model_version_id, "model version id")
        _check_range(self.limit, 1, MAX_LIMIT, "The number of items a page")
        _check_range(self.browsing_level, 1, 31, "The browsing level")
        _check_word(self.sort, get_args(Sort), "sort")
        _check_word(self.period, get_args(Period), "period")
        if self.media_type is not None:
            _check_word(self.media_type, get_args(MediaType), "media type")
        if any(not name.strip() or "," in name for name in self.base_models):
            raise ConfigurationError("A base model must be one name of the source's list, without a comma.")

    def query_string(self, cursor: str | None, limit: int) -> str:
        """Percent-encode the query. `cursor` is opaque; `limit` may be smaller than the query's own.

        Raises:
            InvalidCursorError: an empty cursor, which would mean the first page, or one that is not Unicode text.
        """
        parameters = [
            ("modelVersionId", str(self.model_version_id)),
            ("limit", str(limit)),
            ("sort", self.sort),
            ("period", self.period),
            ("browsingLevel", str(self.browsing_level)),
            ("withMeta", "true"),
            ("flatMeta", "true"),
        ]
        if self.media_type is not None:
            parameters.append(("type", self.media_type))
        if self.base_models:
            parameters.append(("baseModels", ",".join(self.base_models)))
        if cursor is not None:
            _check_cursor(cursor)
            parameters.append(("cursor", cursor))
        return urlencode(parameters, quote_via=quote, safe="")


def _check_range(value: int, low: int, high: int, what: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigurationError(f"{what} must be a whole number from {low} to {high}, not {value!r}.")


def _check_word(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise ConfigurationError(f"The {what} must be one of {', '.join(allowed)}, not {value!r}.")


def _check_cursor(cursor: str) -> None:
    try:
        usable = bool(cursor.encode())
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise InvalidCursorError("The stored cursor is empty or damaged; begin this version again with --restart.")
