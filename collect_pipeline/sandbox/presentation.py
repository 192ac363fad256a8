"""How images are written as JSON, route by route, with the keys in the site's order.

Source: `src/server/services/image-search.service.ts`. Knows nothing of which images are asked for.
"""

from dataclasses import dataclass

from collect_pipeline.sandbox.catalogue import Image, JsonObject
from collect_pipeline.sandbox.chance import seeded
from collect_pipeline.sandbox.clock import iso
from collect_pipeline.sandbox.maturity import word_of
from collect_pipeline.sandbox.metadata import compose

IMAGE_HOST = "https://image.civitai.com/xG1nkqKTMzGDvpLrqFT7WA"
TAGS = {
    1: "landscape", 2: "woman", 3: "man", 4: "animal", 5: "architecture", 6: "photorealistic", 7: "anime",
    8: "outdoors", 9: "night", 10: "food", 11: "vehicle", 12: "armor", 13: "gore",
}  # fmt: skip
BLOCKED_TAGS = frozenset({13})
_REACTIONS = ("cryCount", "laughCount", "likeCount", "dislikeCount", "heartCount", "commentCount")
_EXTENSIONS = {"image": "jpeg", "video": "mp4", "audio": "mp3"}
_HASH_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


@dataclass(frozen=True)
class Shape:
    """How items are to look: the route that answers and the parameters that change their form."""

    route: str
    with_meta: bool
    nested_meta: bool
    with_tags: bool


def image_item(image: Image, shape: Shape, seed: int) -> JsonObject:
    """One item of `/images`."""
    legacy = shape.route == "legacy"
    item: JsonObject = {
        "id": image.image_id,
        "url": image_url(image, seed),
        "hash": blur_hash(image, seed),
        "width": image.width,
        "height": image.height,
        "nsfwLevel": word_of(image.browsing_level),
        "type": image.media_type,
        "nsfw": image.browsing_level != 1,
        "browsingLevel": image.browsing_level,
        "createdAt": iso(image.uploaded_ms if legacy else image.published_ms),
        "postId": image.post_id,
        "stats": {name: image.counts[name] for name in _REACTIONS},
        "meta": _meta(image, shape, seed),
    }
    item |= _username(image, shape.route)
    item["baseModel"] = _base_model(image, legacy)
    item["modelVersionIds"] = sorted(image.version_ids if legacy else image.detected_version_ids)
    if shape.with_tags:
        item["tags"] = [{"id": tag_id, "name": TAGS[tag_id]} for tag_id in image.tag_ids]
    return item


def image_url(image: Image, seed: int) -> str:
    """Where the picture would be; nothing is served there."""
    bits = seeded(seed, "url", image.image_id).getrandbits(128)
    digits = f"{bits:032x}"
    name = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    return f"{IMAGE_HOST}/{name}/original=true/{name}.{_EXTENSIONS[image.media_type]}"


def blur_hash(image: Image, seed: int) -> str:
    """A text that looks like a BlurHash."""
    return "U" + "".join(seeded(seed, "hash", image.image_id).choices(_HASH_LETTERS, k=27))


def _meta(image: Image, shape: Shape, seed: int) -> JsonObject | None:
    if not shape.with_meta:
        return None
    meta = compose(image, seed)
    return {"id": image.image_id, "meta": meta} if shape.nested_meta else meta


def _username(image: Image, route: str) -> JsonObject:
    if image.username is not None:
        return {"username": image.username}
    if route == "feed":
        return {"username": "unknown"}
    return {"username": None} if route == "legacy" else {}


def _base_model(image: Image, legacy: bool) -> str | None:
    if legacy:
        return image.checkpoints[0] if image.checkpoints else None
    return "".join(image.checkpoints)
