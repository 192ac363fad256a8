"""The models, LoRAs and the like that an image's generation data names, as typed records.

Four lists of the generation data say it, each in its own way. Reads no prompt text and never raises.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from collect_pipeline.civitai.values import INT32_MAX, read_decimal, read_list, read_object, read_text, read_whole

Source = Literal["civitaiResources", "resources", "hashes", "additionalResources"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one image.

    `type` is in lower case and in one spelling (checkpoint, lora, lycoris, dora, embedding, hypernetwork, vae …).
    `hash` is in lower case without `0x`. `source` is the list that named it first.
    """

    type: str | None
    name: str | None
    model_version_id: int | None
    weight: float | None
    hash: str | None
    source: Source


_LISTS: tuple[Source, ...] = ("civitaiResources", "resources", "additionalResources")
_TYPE_SPELLINGS = {
    "model": "checkpoint",
    "ckpt": "checkpoint",
    "locon": "lycoris",
    "lyco": "lycoris",
    "embed": "embedding",
    "embeddings": "embedding",
    "textualinversion": "embedding",
    "ti": "embedding",
    "hypernet": "hypernetwork",
}

# The site's generator once stored its internal record as text: "ImageJobNetworkParams { …, Type = lora }".
_TYPE_IN_RECORD = re.compile(r"\bType\s*=\s*(\w+)")
_AIR_TAIL = re.compile(r"civitai:\d{1,10}@(\d{1,10})")


def read_resources(meta: dict[str, object]) -> tuple[Resource, ...]:
    """Everything that `meta` names, in its order, each resource once.

    What `hashes` repeats of the other lists only adds the hash there.
    """
    collected = _Collected()
    for source in _LISTS:
        for entry in read_list(meta.get(source)):
            collected.add(_from_entry(entry, source))
    for key, value in read_object(meta.get("hashes")).items():
        collected.add(_from_hash(key, value))
    return tuple(collected.resources)


def read_resource_type(value: object) -> str | None:
    """A resource's type in the spelling used here, or None."""
    text = read_text(value)
    return None if text is None else _type_in(text)


@lru_cache(maxsize=1000)
def _type_in(text: str) -> str:
    in_record = _TYPE_IN_RECORD.search(text)
    word = (in_record.group(1) if in_record else text).strip().lower()
    return _TYPE_SPELLINGS.get(word, word)


def read_version_id(entry: dict[str, object]) -> int | None:
    """The model version that an entry names by id or at the end of its AIR, or None."""
    version_id = read_whole(entry.get("modelVersionId"), 1, INT32_MAX)
    air = read_text(entry.get("air")) if version_id is None else None
    if air is not None and (tail := _AIR_TAIL.search(air)):
        version_id = read_whole(tail.group(1), 1, INT32_MAX)
    return version_id


def _from_entry(entry: object, source: Source) -> Resource | None:
    fields = read_object(entry)
    weight = read_decimal(fields.get("weight"))
    resource = Resource(
        type=read_resource_type(fields.get("type")),
        name=read_text(fields.get("name")) or read_text(fields.get("modelName")),
        model_version_id=read_version_id(fields),
        weight=read_decimal(fields.get("strength")) if weight is None else weight,
        hash=_read_hash(fields.get("hash")),
        source=source,
    )
    return resource if _says_something(resource) else None


def _from_hash(key: str, value: object) -> Resource | None:
    # Keys are "model", "vae", "lora:name", "LORA:folder/name", "embed:name".
    kind, _, name = key.partition(":")
    resource = Resource(read_resource_type(kind), read_text(name), None, None, _read_hash(value), "hashes")
    return resource if resource.hash is not None or resource.name is not None else None


def _read_hash(value: object) -> str | None:
    text = read_text(value)
    return text.strip().lower().removeprefix("0x") or None if text is not None else None


def _says_something(resource: Resource) -> bool:
    said = (resource.type, resource.name, resource.model_version_id, resource.weight, resource.hash)
    return said != (None,) * len(said)


class _Collected:
    """Resources in order, each once. Two entries are one resource if they share version id, name or hash."""

    def __init__(self) -> None:
        self.resources: list[Resource] = []
        self._places: dict[tuple[object, ...], int] = {}

    def add(self, new: Resource | None) -> None:
        if new is None:
            return
        keys = _keys(new)
        place = next((self._places[key] for key in keys if key in self._places), None)
        if place is None:
            place = len(self.resources)
            self.resources.append(new)
        else:
            known = self.resources[place]
            self.resources[place] = replace(
                known,
                name=known.name or new.name,
                weight=new.weight if known.weight is None else known.weight,
                hash=known.hash or new.hash,
            )
        for key in keys:
            self._places.setdefault(key, place)


def _keys(resource: Resource) -> list[tuple[object, ...]]:
    if resource.model_version_id is not None:
        return [("version", resource.model_version_id)]
    keys: list[tuple[object, ...]] = []
    if resource.name is not None:
        keys.append(("name", resource.type, resource.name.casefold()))
    if resource.hash is not None:
        keys.append(("hash", resource.type, resource.hash))
    return keys or [("bare", resource.type, resource.weight)]
