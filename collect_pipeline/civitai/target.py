"""What a person points at (a page's URL, an AIR, an id, a file hash), and which model and versions that is.

`parse_target` only reads text; `resolve` and `resolve_pair` ask the source. The id spaces of models and versions
overlap, so a bare number is looked up as both.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

from collect_pipeline.civitai.errors import (
    AmbiguousTargetError,
    InvalidIdError,
    InvalidTargetError,
    NotFoundError,
)
from collect_pipeline.civitai.models import Model, Version, check_hash
from collect_pipeline.civitai.query import check_id

T = TypeVar("T")

_KNOWN_HOST = re.compile(r"(?:[a-z0-9-]+\.)?civitai\.[a-z]+")
_AIR = re.compile(r"(?:urn:)?(?:air:)?(?:[\w.-]+:){0,2}civitai:(\d+)(?:@(\d+))?(?:[:.+].*)?", re.IGNORECASE)
_FOREIGN_AIR = re.compile(r"(?:urn:)?air:.*", re.IGNORECASE)
_KEY = re.compile(r"(\d+)@(\d+)")
_PREFIXED = re.compile(r"(model|version|hash):\s*(\w+)", re.IGNORECASE)
_HASH = re.compile(r"(?:0x)?(?=.*[a-fA-F])[0-9a-fA-F]{8,64}")
_EXPECTED = "give the URL of a model page, an AIR, a file hash, or an id such as model:918273 or version:1027364"


class TargetKind(StrEnum):
    """What a piece of text names."""

    MODEL = "model"
    VERSION = "version"
    NUMBER = "number"
    IMAGE = "image"
    POST = "post"
    HASH = "hash"


@dataclass(frozen=True, slots=True)
class Target:
    """`id` is the id of the thing named, None for a hash. `version_id` goes with a model that came with one."""

    kind: TargetKind
    id: int | None = None
    version_id: int | None = None
    hash: str | None = None


_PATHS = (
    (re.compile(r"/api/download/models/(\d+)"), TargetKind.VERSION),
    (re.compile(r"/model-versions/by-hash/(\w+)"), TargetKind.HASH),
    (re.compile(r"/model-versions/(?:mini/)?(\d+)"), TargetKind.VERSION),
    (re.compile(r"/models/(\d+)"), TargetKind.MODEL),
    (re.compile(r"/images/(\d+)"), TargetKind.IMAGE),
    (re.compile(r"/posts/(\d+)"), TargetKind.POST),
)


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model with its published versions, and those of them that were meant.

    `note` says how something odd was understood, such as a model id given as a version id; else None.
    """

    model: Model
    versions: tuple[Version, ...]
    chosen: tuple[Version, ...]
    note: str | None = None


class Source(Protocol):
    """What resolving needs of `CivitaiClient`."""

    def model(self, model_id: int) -> Model:
        """The model with this id."""

    def model_version(self, version_id: int) -> Version:
        """The version with this id."""

    def version_by_hash(self, file_hash: str) -> Version:
        """The version that a file belongs to."""


def parse_target(text: str, own_host: str | None = None) -> Target:
    """Read what `text` names. `own_host` is the host (with port) of the configured base URL, accepted in URLs.

    Raises:
        InvalidTargetError: it names nothing that CivitAI has.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return Target(TargetKind.NUMBER, _id(text))
    if prefixed := _PREFIXED.fullmatch(text):
        return _from_prefix(prefixed.group(1).lower(), prefixed.group(2))
    if pair := _KEY.fullmatch(text) or _AIR.fullmatch(text):
        return Target(TargetKind.MODEL, _id(pair.group(1)), _id(pair.group(2)) if pair.group(2) else None)
    if _FOREIGN_AIR.fullmatch(text):
        raise InvalidTargetError(f"The AIR {_shown(text)} does not name a model of CivitAI; {_EXPECTED}.")
    if _HASH.fullmatch(text):
        return Target(TargetKind.HASH, hash=check_hash(text))
    return _from_url(text, own_host)


def resolve(target: Target, source: Source) -> ResolvedModel:
    """Find the model and the versions that `target` means; without a version, all of them.

    Raises:
        AmbiguousTargetError: a bare number that is both a model and a version.
        InvalidTargetError: an image, a post, or a version of another model.
        NotFoundError: the source knows no such thing.
        SourceError: the source could not be asked.
    """
    if target.kind in {TargetKind.IMAGE, TargetKind.POST}:
        raise InvalidTargetError(f"This names one {target.kind}, not a model; {_EXPECTED}.")
    if target.kind is TargetKind.HASH:
        return _with_version(source.version_by_hash(target.hash or ""), source)
    if target.id is None:
        raise InvalidTargetError(f"This names nothing; {_EXPECTED}.")
    if target.kind is TargetKind.VERSION:
        return _with_version(source.model_version(target.id), source)
    if target.kind is TargetKind.MODEL:
        model = source.model(target.id)
        return _all_of(model) if target.version_id is None else _one_of(model, target.version_id, source)
    return _resolve_number(target.id, source)


def resolve_pair(model_id: int | None, version_id: int | None, source: Source) -> ResolvedModel:
    """Find what `--model-id` and `--version-id` mean together; `None` is one that was not given.

    A model id given as version id, or both given the wrong way round, is understood, and `note` says so.

    Raises:
        InvalidTargetError: neither was given, or the version belongs to another model.
        NotFoundError: the source knows no such thing.
        SourceError: the source could not be asked.
    """
    if model_id is None and version_id is None:
        raise InvalidTargetError("Neither a model id nor a version id was given; give at least one of them.")
    if model_id is None:
        return _version_or_model(check_id(version_id, "model version id"), source)
    model = _or_none(source.model, check_id(model_id, "model id"))
    if model is None:
        return _resolve_without_model(model_id, version_id, source)
    if version_id is None:
        return _all_of(model)
    listed = {version.id for version in model.versions}
    if version_id == model_id and version_id not in listed:
        note = f"{version_id} is the model's id, not a version's; every version of it is taken."
        return replace(_all_of(model), note=note)
    return _one_of(model, check_id(version_id, "model version id"), source)


def _resolve_number(number: int, source: Source) -> ResolvedModel:
    version = _or_none(source.model_version, number)
    model = _or_none(source.model, number)
    if version is not None and model is not None:
        raise AmbiguousTargetError(
            f"{number} is both the model {_name(model.name)} and the version {_name(version.name)} of the model "
            f"{_name(version.model_name)}; say model:{number} or version:{number}."
        )
    if version is not None:
        return _with_version(version, source)
    if model is not None:
        return _all_of(model)
    raise _nothing_with_id(number)


def _version_or_model(number: int, source: Source) -> ResolvedModel:
    version = _or_none(source.model_version, number)
    if version is not None:
        return _with_version(version, source)
    model = _or_none(source.model, number)
    if model is None:
        raise _nothing_with_id(number)
    note = f"{number} is a model's id, not a version's; every version of {_name(model.name)} is taken."
    return replace(_all_of(model), note=note)


def _resolve_without_model(model_id: int, version_id: int | None, source: Source) -> ResolvedModel:
    """No model has `model_id`: perhaps it is a version's id."""
    version = _or_none(source.model_version, model_id)
    if version is None:
        raise _nothing_with_id(model_id)
    if version_id not in {None, model_id, version.model_id}:
        raise InvalidTargetError(
            f"{model_id} is not a model but the version {_name(version.name)} of model {version.model_id}, which "
            f"does not go with version {version_id}; give --model-id {version.model_id}."
        )
    note = f"{model_id} is a version's id, not a model's; it is taken as a version of model {version.model_id}."
    return replace(_with_version(version, source), note=note)


def _one_of(model: Model, version_id: int, source: Source) -> ResolvedModel:
    chosen = tuple(version for version in model.versions if version.id == version_id)
    if chosen:
        return ResolvedModel(model, model.versions, chosen)
    # A version need not be in its model's list: unpublished ones, and those without a file, are left out there.
    version = _or_none(source.model_version, version_id)
    if version is None:
        raise NotFoundError(
            f"Model {model.id} {_name(model.name)} has no version {version_id}; it may be unpublished or not rated "
            f"yet. Its versions: {', '.join(str(known.id) for known in model.versions) or 'none'}."
        )
    if version.model_id != model.id:
        raise InvalidTargetError(
            f"Version {version_id} belongs to model {version.model_id} {_name(version.model_name)}, not to model "
            f"{model.id} {_name(model.name)}; give --model-id {version.model_id}."
        )
    return _chosen(model, version)


def _with_version(version: Version, source: Source) -> ResolvedModel:
    if version.model_id is None:
        raise NotFoundError(f"The source does not say which model version {version.id} belongs to; give both ids.")
    return _chosen(source.model(version.model_id), version)


def _chosen(model: Model, version: Version) -> ResolvedModel:
    """`version` was read by itself: it knows its AIR, and the model's list knows the rest."""
    listed = next((known for known in model.versions if known.id == version.id), None)
    index = listed.index if listed is not None else None
    full = replace(
        version,
        model_name=version.model_name or model.name,
        model_type=version.model_type or model.type,
        creator=version.creator or model.creator,
        index=index,
    )
    versions = tuple(full if known.id == full.id else known for known in model.versions)
    return ResolvedModel(model, versions if listed is not None else (*versions, full), (full,))


def _all_of(model: Model) -> ResolvedModel:
    return ResolvedModel(model, model.versions, model.versions)


def _or_none(ask: Callable[[int], T], number: int) -> T | None:
    try:
        return ask(number)
    except NotFoundError:
        return None


def _nothing_with_id(number: int) -> NotFoundError:
    return NotFoundError(
        f"CivitAI knows neither a model nor a version {number}: it may be unpublished or not rated yet, or the "
        "number is an image's or a post's; check it on the model's page or try again in some days."
    )


def _from_prefix(prefix: str, value: str) -> Target:
    if prefix == "hash":
        try:
            return Target(TargetKind.HASH, hash=check_hash(value))
        except InvalidIdError as error:
            raise InvalidTargetError(str(error)) from None
    return Target(TargetKind(prefix), _id(value))


def _from_url(text: str, own_host: str | None) -> Target:
    refusal = InvalidTargetError(f"{_shown(text)} names nothing of CivitAI; {_EXPECTED}.")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").lower()
    except ValueError:
        raise refusal from None
    is_own = own_host is not None and parts.netloc.lower() == own_host.lower()
    if parts.scheme not in {"http", "https"} or not (is_own or _KNOWN_HOST.fullmatch(host)):
        raise refusal
    return _from_path(parts, refusal)


def _from_path(parts: SplitResult, refusal: InvalidTargetError) -> Target:
    for pattern, kind in _PATHS:
        found = pattern.search(parts.path)
        if found is None:
            continue
        if kind is TargetKind.HASH:
            return _from_prefix("hash", found.group(1))
        version = parse_qs(parts.query).get("modelVersionId") if kind is TargetKind.MODEL else None
        return Target(kind, _id(found.group(1)), _id(version[0]) if version else None)
    raise refusal


def _id(digits: str) -> int:
    try:
        usable = digits.isascii() and digits.isdigit() and len(digits) <= 20
        return check_id(int(digits) if usable else digits, "CivitAI id")
    except InvalidIdError as error:
        raise InvalidTargetError(str(error)) from None


def _name(name: str | None) -> str:
    return f"“{name}”" if name else "without a name"


def _shown(text: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in text)
    return f"“{line[:80]}…”" if len(line) > 80 else f"“{line}”"
