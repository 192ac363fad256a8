"""Reads the query of `/images` as the site's zod schema does, and words its complaints the same way.

Source: `src/pages/api/v1/images/index.ts` and zod 4.0.17. Knows nothing of what the parameters do.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collect_pipeline.sandbox.maturity import NSFW_WORDS

SORTS = ("Most Reactions", "Most Comments", "Most Collected", "Newest", "Oldest", "Random")
PERIODS = ("Day", "Week", "Month", "Year", "AllTime")
TYPES = ("image", "video", "audio")
TRUE_WORDS = ("true", "1", "yes", "on", "y", "enabled")
FALSE_WORDS = ("false", "0", "no", "off", "n", "disabled")
BASE_MODELS = (
    "SD 1.5", "SDXL 1.0", "Pony", "Illustrious", "NoobAI", "Flux.1 D", "Flux.1 S", "Wan Video", "HiDream", "Other",
)  # fmt: skip
USERNAME = r"^[A-Za-z0-9_]*$"

Issue = dict[str, Any]
Query = Mapping[str, Sequence[str]]


class ZodError(Exception):
    """Parameters that the schema refuses."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__("the parameters do not fit the schema")
        self.issues = issues

    def body(self) -> dict[str, Any]:
        """The reply's JSON: the issues are a string of pretty-printed JSON."""
        message = json.dumps(self.issues, indent=2, ensure_ascii=False)
        return {"error": {"name": "ZodError", "message": message}}


@dataclass(frozen=True)
class ImageQuery:
    """The parameters of `/images` after the schema. None means not given; ids may be 0, which filters nothing."""

    limit: int
    page: int
    cursor: str | None
    model_id: int
    model_version_id: int
    post_id: int
    image_id: int
    user_id: int
    username: str
    sort: str
    period: str
    browsing_level: int | None
    nsfw: str | bool | None
    media_type: str | None
    tags: tuple[int, ...]
    base_models: tuple[str, ...]
    with_meta: bool
    flat_meta: bool | None
    with_tags: bool
    requiring_meta: bool


def read_image_query(query: Query) -> ImageQuery:
    """Read the query of `/images`; ZodError holds every issue in it. Unknown parameters are dropped."""
    reader = ParameterReader(query)
    found = ImageQuery(
        limit=reader.number("limit", 100, lowest=0, highest=200) or 0,
        page=reader.number("page") or 0,
        cursor=reader.text("cursor") or None,
        model_id=reader.number("modelId") or 0,
        model_version_id=reader.number("modelVersionId") or 0,
        post_id=reader.number("postId") or 0,
        image_id=reader.number("imageId") or 0,
        user_id=reader.number("userId") or 0,
        username=reader.text("username", pattern=USERNAME),
        sort=reader.choice("sort", SORTS) or "Most Reactions",
        period=reader.choice("period", PERIODS) or "AllTime",
        browsing_level=reader.number("browsingLevel"),
        nsfw=reader.nsfw(),
        media_type=reader.choice("type", TYPES),
        tags=reader.numbers("tags"),
        base_models=reader.choices("baseModels", BASE_MODELS),
        with_meta=reader.boolean("withMeta") or False,
        flat_meta=reader.boolean("flatMeta"),
        with_tags=reader.boolean("withTags") or False,
        requiring_meta=reader.boolean("requiringMeta") or False,
    )
    if reader.issues:
        raise ZodError(reader.issues)
    return found


def javascript_number(text: str) -> float:
    """What `Number(text)` gives in JavaScript: `""` is 0, `0x10` is 16, `1e3` is 1000; NaN for no number."""
    stripped = text.strip()
    if not stripped:
        return 0
    if re.fullmatch(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+", stripped):
        return int(stripped, 0)
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", stripped):
        return float(stripped)
    return math.nan


class ParameterReader:
    """Reads one parameter after another and keeps the issues it meets."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self.issues: list[Issue] = []

    def number(
        self, name: str, default: int | None = None, lowest: int | None = None, highest: int | None = None
    ) -> int | None:
        if name not in self._query:
            return default
        text = ",".join(self._query[name])
        number = javascript_number(text) if len(self._query[name]) == 1 else math.nan
        if not math.isfinite(number):
            message = f"'{text}' cannot be converted to a number"
            self.issues.append({"message": message, "code": "custom", "path": [name]})
            return default
        if highest is not None and number > highest:
            self.issues.append(
                _bound("too_big", "maximum", highest, name, f"Too big: expected number to be <={highest}")
            )
        if lowest is not None and number < lowest:
            self.issues.append(
                _bound("too_small", "minimum", lowest, name, f"Too small: expected number to be >={lowest}")
            )
        return int(number)

    def text(self, name: str, pattern: str | None = None) -> str:
        if name not in self._query:
            return ""
        if len(self._query[name]) > 1:
            self.issues.append(_wrong_type("string", "array", [name]))
            return ""
        text = self._query[name][0]
        if pattern and not re.match(pattern, text):
            self.issues.append({
                "origin": "string", "code": "invalid_format", "format": "regex", "pattern": f"/{pattern}/",
                "path": [name], "message": f"Invalid string: must match pattern /{pattern}/",
            })  # fmt: skip
        return text

    def choice(self, name: str, values: Sequence[str]) -> str | None:
        if name not in self._query:
            return None
        given = self._query[name]
        if len(given) > 1 or given[0] not in values:
            self.issues.append(_not_among(values, [name]))
            return None
        return given[0]

    def choices(self, name: str, values: Sequence[str]) -> tuple[str, ...]:
        chosen = self.listed(name)
        for position, value in enumerate(chosen):
            if value not in values:
                self.issues.append(_not_among(values, [name, position]))
        return chosen

    def numbers(self, name: str) -> tuple[int, ...]:
        numbers = []
        for position, text in enumerate(self.listed(name)):
            number = javascript_number(text)
            if math.isfinite(number):
                numbers.append(int(number))
            else:
                self.issues.append(_wrong_type("number", "NaN", [name, position]))
        return tuple(numbers)

    def boolean(self, name: str) -> bool | None:
        if name not in self._query:
            return None
        given = self._query[name]
        word = _boolean_word(given)
        if word is None:
            self.issues.append(_union([[_wrong_type("boolean", _type_of(given), [])], [_no_boolean_word()]], name))
        return word

    def nsfw(self) -> str | bool | None:
        if "nsfw" not in self._query:
            return None
        given = self._query["nsfw"]
        if len(given) == 1 and given[0] in NSFW_WORDS:
            return given[0]
        word = _boolean_word(given)
        if word is None:
            self.issues.append(_union([[_not_among(NSFW_WORDS, [])], [_no_boolean_word()]], "nsfw"))
        return word

    def listed(self, name: str) -> tuple[str, ...]:
        return tuple(part for text in self._query.get(name, ()) for part in text.split(",") if part)


def _boolean_word(given: Sequence[str]) -> bool | None:
    word = given[0].lower() if len(given) == 1 else ""
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None


def _type_of(given: Sequence[str]) -> str:
    return "string" if len(given) == 1 else "array"


def _bound(code: str, side: str, bound: int, name: str, message: str) -> Issue:
    return {"origin": "number", "code": code, side: bound, "inclusive": True, "path": [name], "message": message}


def _wrong_type(expected: str, received: str, path: list[str | int]) -> Issue:
    message = f"Invalid input: expected {expected}, received {received}"
    return {"expected": expected, "code": "invalid_type", "path": path, "message": message}


def _not_among(values: Sequence[str], path: list[str | int]) -> Issue:
    listed = "|".join(f'"{value}"' for value in values)
    message = f"Invalid option: expected one of {listed}"
    return {"code": "invalid_value", "values": list(values), "path": path, "message": message}


def _no_boolean_word() -> Issue:
    issue = _not_among((*TRUE_WORDS, *FALSE_WORDS), [])
    return {"code": issue["code"], "expected": "stringbool", **issue}


def _union(errors: list[list[Issue]], name: str) -> Issue:
    return {"code": "invalid_union", "errors": errors, "path": [name], "message": "Invalid input"}
