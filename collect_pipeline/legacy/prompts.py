"""Rows of `civitai_prompts` as images, and as pages that the images can be read from again.

`raw_metadata` is the item as the API gave it, and is read as the collector reads one. Where it is missing, broken or of
another image, an item is made of the columns. A column also says what the item does not: the old tool may have known
a prompt that CivitAI hid later. Nothing of a row is lost: it stands beside its item in the page.
"""

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from collect_pipeline.civitai.items import Item, Rejected, read_item
from collect_pipeline.civitai.page import decode_json_text
from collect_pipeline.collection.rows import image_row
from collect_pipeline.legacy.source import Row
from collect_pipeline.legacy.values import (
    read_count,
    read_id,
    read_model_or_version_id,
    read_row_id,
    read_time,
    read_version_ids,
    read_words,
)
from collect_pipeline.warehouse.legacy import LEGACY, OldImage, OldPage
from collect_pipeline.warehouse.pages import PageRow, RejectedRow

ROWS_PER_PAGE = 200


@dataclass(frozen=True)
class OldPrompt:
    """A row as it goes into a page.

    Attributes:
        old_id: what other old tables call it.
        item: JSON text: `raw_metadata` as it was, or made of the columns.
        row: the row without `raw_metadata` if that is the item.
        image: None if the row cannot be an image; `rejected` says why then.
        collected_at: UTC without a zone.
        pair: the model and the version that the row names, if it names one of each.
        odd: what is odd about it.
    """

    old_id: int | None
    item: str
    row: Row
    image: OldImage | None
    rejected: str | None
    collected_at: datetime
    pair: tuple[int, int] | None
    odd: tuple[str, ...]


def read_prompt(row: Row, position: int, now: datetime, collected_versions: Set[int]) -> OldPrompt:
    """Read a row.

    Args:
        row: the row.
        position: of the row in its page, from 0.
        now: the time of the import: nothing was collected later.
        collected_versions: versions that the old tool is known to have collected as such.
    """
    odd: list[str] = []
    collected_at = _collected_at(row, now, odd)
    text, item = _item_of(row, odd)
    if text is not None:
        row = {name: value for name, value in row.items() if name != "raw_metadata"}
    else:
        text = _made_of_columns(row)
        read = read_item(json.loads(text))
        item = None if isinstance(read, Rejected) else read
    image = None
    rejected = None if item is not None else _why_rejected(row)
    pair = None
    if item is not None:
        version_ids, pair = _versions(row, collected_versions, odd)
        completed = _completed(item, row, odd)
        image = OldImage(image_row(position, completed), collected_at, version_ids)
    return OldPrompt(read_row_id(row.get("id")), text, row, image, rejected, collected_at, pair, tuple(odd))


def page_of(prompts: Sequence[OldPrompt], page_number: int, run_id: str | None) -> OldPage:
    """A page of consecutive rows; the same rows always give the same page."""
    rows = json.dumps([prompt.row for prompt in prompts], ensure_ascii=False)
    items = ",".join(prompt.item for prompt in prompts)
    images = tuple(prompt.image for prompt in prompts if prompt.image is not None)
    return OldPage(
        PageRow(
            run_id=run_id,
            page_number=page_number,
            leg=0,
            sort=LEGACY,
            browsing_level=0,
            request_cursor=None,
            next_cursor=None,
            fetched_at=max(prompt.collected_at for prompt in prompts),
            first_offset=(page_number - 1) * ROWS_PER_PAGE,
            item_count=len(prompts),
            payload=f'{{"items":[{items}],"metadata":{{}},"legacy_rows":{rows}}}'.encode(),
            images=tuple(old.image for old in images),
            rejected=tuple(
                RejectedRow(position, prompt.rejected, json.dumps({"item": prompt.item, "row": prompt.row}))
                for position, prompt in enumerate(prompts)
                if prompt.rejected is not None
            ),
        ),
        images,
    )


def _item_of(row: Row, odd: list[str]) -> tuple[str | None, Item | None]:
    """The item in `raw_metadata` and its text, or two times None if there is none for this row."""
    raw = row.get("raw_metadata")
    text = raw.strip().removeprefix("\ufeff").strip() if isinstance(raw, str) else ""
    if not text:
        odd.append("without raw_metadata: made of the columns")
        return None, None
    try:
        # Decoded as deep as it will stand in the page.
        document = decode_json_text(f"[[{text}]]")
    except ValueError:
        document = None
    match document:
        case [[dict() as raw_item]]:
            item = read_item(raw_item)
        case _:
            odd.append("raw_metadata is no JSON object: made of the columns")
            return None, None
    if isinstance(item, Rejected):
        odd.append("raw_metadata is no item of the API: made of the columns")
        return None, None
    image_id = read_id(row.get("civitai_id"))
    if image_id is None:
        # Files from before the column existed are not odd.
        odd += [f"{_why_rejected(row)}: the item's id is taken"] if "civitai_id" in row else []
    elif image_id != item.image_id:
        odd.append("raw_metadata is of another image: made of the columns")
        return None, None
    return text, item


def _made_of_columns(row: Row) -> str:
    """An item of the API's form that says what the columns say."""
    meta = {
        "prompt": read_words(row.get("full_prompt")),
        "negativePrompt": read_words(row.get("negative_prompt")),
        "Model": read_words(row.get("model_name")),
    }
    stats = {"likeCount": read_count(row.get("reaction_count")), "commentCount": read_count(row.get("comment_count"))}
    return json.dumps(
        {
            "id": read_id(row.get("civitai_id")),
            "meta": {name: value for name, value in meta.items() if value is not None},
            "stats": {name: value for name, value in stats.items() if value is not None},
        },
        ensure_ascii=False,
    )


def _why_rejected(row: Row) -> str:
    if row.get("civitai_id") in {None, ""}:
        return "civitai_id is missing"
    return "civitai_id is no positive whole number"


def _completed(item: Item, row: Row, odd: list[str]) -> Item:
    """The item with what only the columns say."""
    prompt, negative_prompt = read_words(row.get("full_prompt")), read_words(row.get("negative_prompt"))
    if item.prompt is None and prompt is not None:
        odd.append("the prompt is only in full_prompt")
    if item.prompt is not None and prompt is not None and item.prompt != prompt:
        odd.append("full_prompt differs from the item's prompt: the item's is taken, both are kept")
    if item.prompt is None and prompt is None:
        odd.append("without a prompt")
    said: dict[str, object] = {
        "prompt": item.prompt or prompt,
        "negative_prompt": item.negative_prompt or negative_prompt,
        "has_meta": item.has_meta or prompt is not None,
    }
    for name in ("reaction_count", "comment_count"):
        if getattr(item, name) is None:
            said[name] = read_count(row.get(name))
    if all(getattr(item, name) == value for name, value in said.items()):
        return item
    return replace(item, **said)  # type: ignore[arg-type]  # the values of these very fields


def _collected_at(row: Row, now: datetime, odd: list[str]) -> datetime:
    value = row.get("collected_at")
    time = read_time(value)
    if time is None:
        odd.append("collected_at is missing" if value in {None, ""} else "collected_at is no time")
        return now
    if time > now:
        odd.append("collected_at is in the future")
    return min(time, now)


def _versions(row: Row, collected_versions: Set[int], odd: list[str]) -> tuple[tuple[int, ...], tuple[int, int] | None]:
    """The versions that the image was found under, and the pair that the row names."""
    version_ids, has_others = read_version_ids(row.get("model_version_id"))
    model_id = read_model_or_version_id(row.get("model_id"))
    if has_others:
        odd.append("model_version_id holds what is no id")
    if not version_ids and model_id is not None and model_id in collected_versions:
        # What the old tool did when it collected one version, before it had a column for it.
        odd.append("model_id holds the version's id")
        return (model_id,), None
    if not version_ids:
        odd.append("names no version: linked to none")
    if model_id is None or len(version_ids) != 1 or model_id == version_ids[0]:
        return version_ids, None
    return version_ids, (model_id, version_ids[0])
