"""Models and model versions as typed records, read tolerantly: any key may be missing.

Knows nothing of HTTP. Field meanings follow `/models/{id}` and `/model-versions/{id}`.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.civitai.errors import InvalidIdError
from collect_pipeline.civitai.query import MAX_ID
from collect_pipeline.civitai.values import INT32_MAX, read_instant, read_list, read_object, read_text, read_whole


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model.

    `published_at` is UTC without a zone. `nsfw_level` is the OR of the maturity bits of its images. `index` is
    the place in the model's list, 0 for the newest, and None when read by itself. `model_id`, `model_name` and
    `model_type` belong to its model.
    """

    id: int
    model_id: int | None
    name: str | None
    model_name: str | None
    model_type: str | None
    creator: str | None
    base_model: str | None
    published_at: datetime | None
    air: str | None
    nsfw_level: int | None
    download_count: int | None
    index: int | None


@dataclass(frozen=True, slots=True)
class Model:
    """One model with its published versions, newest first; the list may be empty.

    `mode` is None, `Archived` or `TakenDown`. `creator` is None for models owned by the site.
    """

    id: int
    name: str | None
    type: str | None
    creator: str | None
    nsfw_level: int | None
    download_count: int | None
    mode: str | None
    versions: tuple[Version, ...]


# Ecosystems and types of AIRs as civitai/civitai forms them (src/shared/utils/air.ts). Base models that are not
# listed here get no AIR rather than a guess.
_ECOSYSTEMS = {
    "SD 1.4": "sd1",
    "SD 1.5": "sd1",
    "SD 1.5 LCM": "sd1",
    "SD 1.5 Hyper": "sd1",
    "SD 2.0": "sd2",
    "SD 2.1": "sd2",
    "SDXL 0.9": "sdxl",
    "SDXL 1.0": "sdxl",
    "SDXL 1.0 LCM": "sdxl",
    "SDXL Lightning": "sdxl",
    "SDXL Hyper": "sdxl",
    "SDXL Turbo": "sdxl",
    "Pony": "sdxl",
    "Illustrious": "sdxl",
    "NoobAI": "sdxl",
    "Flux.1 S": "flux1",
    "Flux.1 D": "flux1",
}
_AIR_TYPES = {
    "Checkpoint": "checkpoint",
    "LORA": "lora",
    "LoCon": "lycoris",
    "DoRA": "dora",
    "TextualInversion": "embedding",
    "Hypernetwork": "hypernet",
    "VAE": "vae",
    "Controlnet": "controlnet",
    "Upscaler": "upscaler",
}
_DENOISER_TYPES = {"Diffusion Model": "diffusionmodel", "UNet": "unet"}
"""A checkpoint whose main file is only a denoiser is named after that file."""
_HASH = re.compile(r"[0-9A-Fa-f]{8,64}")


def check_hash(text: str) -> str:
    """A file hash without `0x`, in upper case as the source keeps it.

    Raises:
        InvalidIdError: not 8 to 64 hexadecimal digits.
    """
    digits = text.strip().removeprefix("0x")
    if not _HASH.fullmatch(digits):
        raise InvalidIdError("A file hash must be 8 to 64 hexadecimal digits.")
    return digits.upper()


def read_model(document: object) -> Model | None:
    """Read a reply of `/models/{id}`; None if it is no model."""
    fields = read_object(document)
    model_id = read_whole(fields.get("id"), 1, MAX_ID)
    if model_id is None:
        return None
    name, kind = read_text(fields.get("name")), read_text(fields.get("type"))
    creator = read_text(read_object(fields.get("creator")).get("username"))
    versions = (
        _read_version(read_object(entry), model_id, name, kind, creator)
        for entry in read_list(fields.get("modelVersions"))
    )
    return Model(
        id=model_id,
        name=name,
        type=kind,
        creator=creator,
        nsfw_level=read_whole(fields.get("nsfwLevel"), 0, INT32_MAX),
        download_count=_download_count(fields),
        mode=read_text(fields.get("mode")),
        versions=tuple(version for version in versions if version is not None),
    )


def read_version(document: object) -> Version | None:
    """Read a reply of `/model-versions/{id}`; None if it is no version."""
    fields = read_object(document)
    model = read_object(fields.get("model"))
    return _read_version(
        fields,
        read_whole(fields.get("modelId"), 1, MAX_ID),
        read_text(model.get("name")),
        read_text(model.get("type")),
        read_text(read_object(fields.get("creator")).get("username")),
    )


def _read_version(
    fields: dict[str, object], model_id: int | None, model_name: str | None, kind: str | None, creator: str | None
) -> Version | None:
    version_id = read_whole(fields.get("id"), 1, MAX_ID)
    if version_id is None:
        return None
    base_model = read_text(fields.get("baseModel"))
    air_type = _DENOISER_TYPES.get(_primary_file_type(fields)) or _AIR_TYPES.get(kind or "")
    return Version(
        id=version_id,
        model_id=model_id,
        name=read_text(fields.get("name")),
        model_name=model_name,
        model_type=kind,
        creator=creator,
        base_model=base_model,
        published_at=read_instant(fields.get("publishedAt")),
        air=read_text(fields.get("air")) or _air(base_model, air_type, model_id, version_id),
        nsfw_level=read_whole(fields.get("nsfwLevel"), 0, INT32_MAX),
        download_count=_download_count(fields),
        index=read_whole(fields.get("index"), 0, INT32_MAX),
    )


def _primary_file_type(fields: dict[str, object]) -> str:
    files = [read_object(entry) for entry in read_list(fields.get("files"))]
    return next((read_text(file.get("type")) or "" for file in files if file.get("primary") is True), "")


def _air(base_model: str | None, air_type: str | None, model_id: int | None, version_id: int) -> str | None:
    """CivitAI's name for a version, where its parts are known; `/models/{id}` does not tell it."""
    ecosystem = _ECOSYSTEMS.get(base_model or "")
    if ecosystem is None or air_type is None or model_id is None:
        return None
    return f"urn:air:{ecosystem}:{air_type}:civitai:{model_id}@{version_id}"


def _download_count(fields: dict[str, object]) -> int | None:
    return read_whole(read_object(fields.get("stats")).get("downloadCount"), 0, INT32_MAX)
