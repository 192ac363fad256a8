"""From a page of the API to rows of the warehouse and to what the walk wants to know of it."""

import hashlib
import json
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.civitai.items import Item, Rejected, read_item
from collect_pipeline.civitai.page import Page
from collect_pipeline.collection.walk import Leg, Part, Seen
from collect_pipeline.prompts.syntax import pasted_parameters, text_resources
from collect_pipeline.warehouse.pages import ImageRow, PageRow, RejectedRow, ResourceRow


@dataclass(frozen=True)
class ReadPage:
    """A page with its items read; a position counts from 0 within the page."""

    page: Page
    items: tuple[tuple[int, Item], ...]
    rejected: tuple[RejectedRow, ...]


def read_page(page: Page) -> ReadPage:
    """Read every item; what cannot be read is kept with the reason."""
    items, rejected = [], []
    for position, raw in enumerate(page.items):
        item = read_item(raw)
        if isinstance(item, Rejected):
            rejected.append(RejectedRow(position, item.reason, json.dumps(raw)))
        else:
            items.append((position, item))
    return ReadPage(page, tuple(items), tuple(rejected))


def seen(
    read: ReadPage,
    leading_on: Page,
    version_id: int,
    request_cursor: str | None,
    known: Set[int],
    in_leg: Set[int],
    asked: Set[str | None],
    in_drain: Set[int],
    gap_before: datetime | None,
    not_before: datetime | None,
) -> Seen:
    """What the walk needs to know of a page.

    Args:
        read: the page.
        leading_on: the page whose cursor is followed, which is the same but for repairs.
        version_id: the version whose gallery is walked.
        request_cursor: the cursor that was asked for.
        known: ids stored for the version before the leg began.
        in_leg: ids met in the leg so far.
        asked: cursors asked for in the leg so far.
        in_drain: ids that the last drain showed.
        gap_before: an unseen image published before this was missed earlier; None if nothing can have been.
        not_before: an image published before this is hardly the version's own; None if that is not known.
    """
    ids = {item.image_id for _, item in read.items}
    unseen = ids - known - in_leg
    dates = [item.created_at for _, item in read.items if item.created_at is not None]
    gaps = sum(
        1
        for _, item in read.items
        if gap_before is not None
        and item.image_id in unseen
        and item.created_at is not None
        and item.created_at < gap_before
    )
    mentions = sum(1 for _, item in read.items if version_id in item.mentioned_version_ids)
    foreign = sum(1 for _, item in read.items if _is_foreign(item, version_id, not_before))
    next_cursor = leading_on.next_cursor
    return Seen(
        request_cursor=request_cursor,
        next_cursor=next_cursor,
        items=len(read.page.items),
        unseen=len(unseen),
        new_to_leg=len(ids - in_leg),
        gaps=gaps,
        oldest_created_at=min(dates, default=None),
        mentions=mentions,
        foreign=foreign,
        fingerprint=_fingerprint(read),
        full=2 * len(read.page.items) >= read.page.limit,
        cursor_known=next_cursor is not None and (next_cursor in asked or next_cursor == request_cursor),
        problem=leading_on.cursor_problem,
        met=len(ids & in_drain),
    )


def _is_foreign(item: Item, version_id: int, not_before: datetime | None) -> bool:
    if item.mentioned_version_ids:
        return version_id not in item.mentioned_version_ids
    return not_before is not None and item.created_at is not None and item.created_at < not_before


def page_row(read: ReadPage, leg: Leg, scope: Part, request_cursor: str | None, run_id: str | None) -> PageRow:
    """The page as it is stored; `leg` is the leg before this page was counted, `scope` what was asked for."""
    return PageRow(
        run_id=run_id,
        page_number=leg.pages + 1,
        leg=leg.number,
        sort=leg.sort,
        browsing_level=scope.browsing_level,
        media_type=scope.media_type,
        request_cursor=request_cursor,
        next_cursor=read.page.next_cursor,
        fetched_at=read.page.fetched_at,
        first_offset=leg.offset,
        item_count=len(read.page.items),
        payload=read.page.body,
        images=tuple(image_row(position, item) for position, item in read.items),
        rejected=read.rejected,
    )


def image_row(position: int, item: Item) -> ImageRow:
    """An item as a row of `images`, completed by what its maker pasted into the prompt."""
    pasted = pasted_parameters(item.prompt) if item.prompt is not None else {}
    return ImageRow(
        image_id=item.image_id,
        position=position,
        prompt=item.prompt,
        negative_prompt=item.negative_prompt or pasted.get("Negative prompt"),
        post_id=item.post_id,
        username=item.username,
        created_at=item.created_at,
        url=item.url,
        width=item.width,
        height=item.height,
        media_type=item.media_type,
        browsing_level=item.browsing_level,
        nsfw_level=item.nsfw_level,
        base_model=item.base_model,
        reaction_count=item.reaction_count,
        comment_count=item.comment_count,
        seed=item.seed,
        steps=item.steps,
        sampler=item.sampler or pasted.get("Sampler"),
        cfg_scale=item.cfg_scale,
        model_name=item.model_name or pasted.get("Model"),
        has_meta=item.has_meta,
        resources=_resources(item),
    )


def _resources(item: Item) -> tuple[ResourceRow, ...]:
    in_text = text_resources(item.prompt) if item.prompt is not None else ()
    return (
        *(ResourceRow(found.type, found.name, None, found.weight, None, "text") for found in in_text),
        *(
            ResourceRow(found.type, found.name, found.model_version_id, found.weight, found.hash, found.source)
            for found in item.resources
        ),
    )


def _fingerprint(read: ReadPage) -> str:
    ids = ",".join(str(item.image_id) for _, item in read.items)
    return hashlib.sha256(ids.encode()).hexdigest()[:16]
