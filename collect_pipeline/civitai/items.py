"""One entry of a page of `/images` as a typed record, or the reason why it cannot be one.

Only a missing or impossible id makes an entry unreadable; every other field that is not what it should be becomes
None, and `notes` says so where something was lost. Never raises. Knows no prompt syntax and no database.
"""

from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.civitai.levels import level_of
from collect_pipeline.civitai.resources import Resource, read_resources, read_version_id
from collect_pipeline.civitai.values import (
    INT32_MAX,
    INT64_MAX,
    read_decimal,
    read_instant,
    read_list,
    read_object,
    read_text,
    read_whole,
)

_HUGEINT_MAX = 2**127 - 1
_META_LEVELS = 3
_REACTIONS = ("likeCount", "heartCount", "laughCount", "cryCount")


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that cannot be stored as an image; `reason` is one short phrase."""

    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """One image.

    Attributes:
        image_id: CivitAI's id, 1 to 2^63 - 1; the key.
        prompt: as its maker wrote it; None if there is none, it is blank, or it is not text.
        created_at: UTC without a zone. The source gives the publish time or the upload time, by its route.
        browsing_level: one maturity bit: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX; from `nsfw_level` where the entry has none.
        reaction_count: likes, hearts, laughs and cries together; None if the entry tells none of them.
        model_name: the checkpoint as the generation data names it.
        has_meta: the entry came with generation data. Without, it may be filled in later.
        resources: what the generation data names beside the prompt's own text.
        mentioned_version_ids: versions that the entry itself names; shows whether the source kept to the query.
        notes: what was there but not in a readable form, such as "prompt is of type list".
    """

    image_id: int
    prompt: str | None
    negative_prompt: str | None
    post_id: int | None
    username: str | None
    created_at: datetime | None
    url: str | None
    width: int | None
    height: int | None
    media_type: str | None
    browsing_level: int | None
    nsfw_level: str | None
    base_model: str | None
    reaction_count: int | None
    comment_count: int | None
    seed: int | None
    steps: int | None
    sampler: str | None
    cfg_scale: float | None
    model_name: str | None
    has_meta: bool
    resources: tuple[Resource, ...]
    mentioned_version_ids: frozenset[int]
    notes: tuple[str, ...]


def read_item(raw: object) -> Item | Rejected:
    """Read one entry of `items`, whatever JSON it is."""
    if not isinstance(raw, dict):
        return Rejected(f"the entry is of type {type(raw).__name__}, not an object")
    image_id = read_whole(raw.get("id"), 1, INT64_MAX)
    if image_id is None:
        return Rejected("the id is missing" if raw.get("id") is None else "the id is not a usable whole number")
    meta = _innermost_meta(raw.get("meta"))
    stats = read_object(raw.get("stats"))
    nsfw_level = read_text(raw.get("nsfwLevel"))
    return Item(
        image_id=image_id,
        prompt=read_text(meta.get("prompt")),
        negative_prompt=read_text(meta.get("negativePrompt")),
        post_id=read_whole(raw.get("postId"), 1, INT64_MAX),
        username=_unless(raw.get("username"), "unknown"),
        created_at=read_instant(raw.get("createdAt")),
        url=read_text(raw.get("url")),
        width=read_whole(raw.get("width"), 0, INT32_MAX),
        height=read_whole(raw.get("height"), 0, INT32_MAX),
        media_type=read_text(raw.get("type")),
        browsing_level=level_of(read_whole(raw.get("browsingLevel"), 0, INT32_MAX), nsfw_level),
        nsfw_level=nsfw_level,
        base_model=read_text(raw.get("baseModel")),
        reaction_count=_reaction_count(stats),
        comment_count=read_whole(stats.get("commentCount"), 0, INT64_MAX),
        seed=read_whole(meta.get("seed"), -_HUGEINT_MAX, _HUGEINT_MAX),
        steps=read_whole(meta.get("steps"), 0, INT32_MAX),
        sampler=_unless(meta.get("sampler"), "Undefined"),
        cfg_scale=read_decimal(meta.get("cfgScale")),
        model_name=_model_name(meta.get("Model")),
        has_meta=bool(meta),
        resources=read_resources(meta),
        mentioned_version_ids=_mentioned_version_ids(raw, meta),
        notes=_notes(raw, meta),
    )


def _innermost_meta(meta: object) -> dict[str, object]:
    """Generation data comes flat, as `{"id", "meta"}`, or so wrapped more than once, by route and by year."""
    for _ in range(_META_LEVELS):
        if not isinstance(meta, dict) or "prompt" in meta or "meta" not in meta:
            break
        if meta["meta"] is not None and not isinstance(meta["meta"], dict):
            break
        meta = meta["meta"]
    return read_object(meta)


def _unless(value: object, placeholder: str) -> str | None:
    text = read_text(value)
    return None if text == placeholder else text


def _reaction_count(stats: dict[str, object]) -> int | None:
    # Dislikes do not count: the API always says 0.
    counts = [read_whole(stats.get(name), 0, INT32_MAX) for name in _REACTIONS]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _model_name(value: object) -> str | None:
    # The site's parser turns a quoted "name: more" into an object; put it together again.
    if isinstance(value, dict):
        value = ", ".join(f"{key}: {part}" for key, part in value.items() if isinstance(part, str | int | float))
    return read_text(value)


def _mentioned_version_ids(raw: dict[str, object], meta: dict[str, object]) -> frozenset[int]:
    ids = {read_whole(entry, 1, INT32_MAX) for entry in read_list(raw.get("modelVersionIds"))}
    for name in ("civitaiResources", "additionalResources"):
        ids.update(read_version_id(read_object(entry)) for entry in read_list(meta.get(name)))
    return frozenset(version_id for version_id in ids if version_id is not None)


def _notes(raw: dict[str, object], meta: dict[str, object]) -> tuple[str, ...]:
    expected_types: tuple[tuple[str, object, type], ...] = (
        ("meta", raw.get("meta"), dict),
        ("prompt", meta.get("prompt"), str),
        ("negativePrompt", meta.get("negativePrompt"), str),
    )
    return tuple(
        f"{name} is of type {type(value).__name__}"
        for name, value, expected in expected_types
        if value is not None and not isinstance(value, expected)
    )
