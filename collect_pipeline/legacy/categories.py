"""Rows of the old `prompt_categories`, under the names that the old tool gave."""

import json
from collections.abc import Mapping

from collect_pipeline.civitai.values import read_decimal, read_text
from collect_pipeline.legacy.source import Row, Value
from collect_pipeline.legacy.values import read_row_id, read_words
from collect_pipeline.warehouse.legacy import OldCategory

NAMES = {"NSFW", "style", "lighting", "composition", "mood", "basic", "technical"}
"""The old tool's latest set; earlier ones had others."""


def read_category(row: Row, images: Mapping[int, int]) -> tuple[OldCategory | str, list[str]]:
    """The row, or why it cannot be one; and what is odd about it. `images` gives the image of an old prompt id."""
    image_id = image_of(row.get("prompt_id"), images)
    category = read_words(row.get("category"))
    if image_id is None:
        return NO_IMAGE, []
    if category is None:
        return "category is missing", []
    odd = [] if category in NAMES else ["a category of an earlier version of the old tool"]
    confidence = read_decimal(row.get("confidence"))
    if confidence is None:
        odd.append("confidence is no number")
    return OldCategory(image_id, category, _keywords(row.get("keywords"), odd), confidence), odd


NO_IMAGE = "prompt_id names no prompt that came over"


def image_of(prompt_id: Value, images: Mapping[int, int]) -> int | None:
    """The image of an old prompt, or None."""
    row_id = read_row_id(prompt_id)
    return None if row_id is None else images.get(row_id)


def _keywords(value: Value, odd: list[str]) -> tuple[str, ...]:
    text = read_words(value)
    if text is None:
        return ()
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        decoded = None
    if isinstance(decoded, list):
        words = (read_text(word) if isinstance(word, str) else json.dumps(word) for word in decoded)
        return tuple(word for word in words if word is not None)
    odd.append("keywords are no JSON list: kept as one")
    return (text,)
