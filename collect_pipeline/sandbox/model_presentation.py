"""How models and versions are written as JSON. Knows nothing of requests.

Source: `src/pages/api/v1/models/[id].ts`, `src/pages/api/v1/model-versions/[id].ts`.
"""

import hashlib
from typing import Any

from collect_pipeline.sandbox.catalogue import Image, JsonObject, Model, Version
from collect_pipeline.sandbox.clock import iso
from collect_pipeline.sandbox.metadata import compose
from collect_pipeline.sandbox.presentation import blur_hash, image_url

_ECOSYSTEMS = {"SD 1.5": "sd1", "SDXL 1.0": "sdxl", "Pony": "sdxl", "Illustrious": "sdxl", "Flux.1 D": "flux1"}
_AIR_TYPES = {"LORA": "lora", "Checkpoint": "checkpoint", "TextualInversion": "embedding"}
MODEL_IMAGES = 20
VERSION_IMAGES = 10


def model_object(model: Model, galleries: dict[int, list[Image]], host: str, seed: int) -> JsonObject:
    """`/models/{id}`: published versions with a file; null values and empty lists are left out of versions."""
    versions = [
        _version_in_model(version, position, galleries[version.version_id], model, host, seed)
        for position, version in enumerate(model.versions)
        if version.nsfw_level
    ]
    found: JsonObject = {
        "id": model.model_id,
        "name": model.name,
        "description": model.description,
        "allowNoCredit": True,
        "allowCommercialUse": "{Image,RentCivit}",
        "allowDerivatives": True,
        "allowDifferentLicense": False,
        "type": model.model_type,
        "minor": False,
        "sfwOnly": False,
        "poi": False,
        "nsfw": False,
        "nsfwLevel": 31 if any(galleries.values()) else 1,
        "mode": model.mode,
        "availability": "Public",
        "userId": 5_000_000 + len(model.name),
        "baseModels": sorted({version.base_model for version in model.versions}),
        "cosmetic": None,
        "supportsGeneration": model.model_type != "TextualInversion",
        "stats": {
            "downloadCount": model.downloads,
            "thumbsUpCount": model.thumbs_up,
            "thumbsDownCount": 1,
            "commentCount": 14,
            "tippedAmountCount": model.downloads and 350,
        },
        "creator": model.creator and {"username": model.creator, "image": None},
        "tags": list(model.tags),
        "modelVersions": versions,
    }
    optional = ("mode", "creator")
    return {name: value for name, value in found.items() if value is not None or name not in optional}


def version_object(version: Version, model: Model, gallery: list[Image], host: str, seed: int) -> JsonObject:
    """`/model-versions/{id}`: empty lists stay, images carry their full `meta` and are of any maturity."""
    return {
        "id": version.version_id,
        "modelId": model.model_id,
        "name": version.name,
        "nsfwLevel": version.nsfw_level,
        "createdAt": iso(version.created_ms),
        "updatedAt": iso(version.published_ms + 1_800_000),
        "status": "Published",
        "publishedAt": iso(version.published_ms),
        "trainedWords": list(version.trained_words),
        "trainingStatus": None,
        "trainingDetails": None,
        "baseModel": version.base_model,
        "baseModelType": "Standard",
        "description": None,
        "uploadType": "Created",
        "usageControl": "Download",
        "licensingFee": None,
        "paidAccess": None,
        "air": air(version, model),
        "stats": {"downloadCount": model.downloads or 0, "thumbsUpCount": model.thumbs_up},
        "model": {"name": model.name, "type": model.model_type, "nsfw": False, "poi": False},
        "files": [_file(version, model, host, iso(version.published_ms)[:19])] if version.files else [],
        "images": [_version_image(image, seed) for image in gallery[:VERSION_IMAGES]] if not model.mode else [],
        "downloadUrl": _download_url(version, host),
    }


def mini_object(version: Version, model: Model, host: str) -> JsonObject:
    """`/model-versions/mini/{id}`, in small: enough to tell what a version is."""
    return {
        "air": air(version, model),
        "versionName": version.name,
        "modelName": model.name,
        "baseModel": version.base_model,
        "availability": "Public",
        "publishedAt": iso(version.published_ms),
        "hashes": _hashes(version),
        "downloadUrls": [_download_url(version, host)],
    }


def air(version: Version, model: Model) -> str:
    """The version's AIR: `urn:air:<ecosystem>:<type>:civitai:<model>@<version>`."""
    ecosystem = _ECOSYSTEMS.get(version.base_model, "other")
    return f"urn:air:{ecosystem}:{_AIR_TYPES[model.model_type]}:civitai:{model.model_id}@{version.version_id}"


def has_hash(version: Version, given: str) -> bool:
    """Whether a file of the version has this AutoV2 or SHA256 hash, in either case."""
    return version.files and given.upper() in _hashes(version).values()


def _version_in_model(
    version: Version, position: int, gallery: list[Image], model: Model, host: str, seed: int
) -> JsonObject:
    found: JsonObject = {
        "id": version.version_id,
        "index": position,
        "name": version.name,
        "baseModel": version.base_model,
        "baseModelType": "Standard",
        "createdAt": iso(version.created_ms),
        "publishedAt": iso(version.published_ms),
        "status": "Published",
        "flags": 0,
        "availability": "Public",
        "nsfwLevel": version.nsfw_level,
        "description": None,
        "trainedWords": list(version.trained_words),
        "vaeId": None,
        "covered": bool(gallery),
        "stats": {"downloadCount": model.downloads or 0, "thumbsUpCount": model.thumbs_up, "thumbsDownCount": 0},
        "files": [_file(version, model, host, iso(version.published_ms))] if version.files else [],
        "images": [_model_image(image, seed) for image in gallery[:MODEL_IMAGES]],
        "downloadUrl": _download_url(version, host) if version.files else None,
    }
    return {name: value for name, value in found.items() if value is not None and value != []}


def _model_image(image: Image, seed: int) -> JsonObject:
    meta = compose(image, seed) or {}
    return {
        "url": image_url(image, seed).rpartition("/")[0] + f"/{image.image_id}.jpeg",
        "nsfwLevel": image.browsing_level,
        "width": image.width,
        "height": image.height,
        "hash": blur_hash(image, seed),
        "type": image.media_type,
        "minor": False,
        "poi": False,
        "hasMeta": bool(meta),
        "hasPositivePrompt": bool(meta.get("prompt")),
        "onSite": image.recipe.shape == "generator",
        "remixOfId": None,
    }


def _version_image(image: Image, seed: int) -> JsonObject:
    size = {"hash": blur_hash(image, seed), "size": 1_482_034, "width": image.width, "height": image.height}
    shown = _model_image(image, seed)
    extra: dict[str, Any] = {"metadata": size, "meta": compose(image, seed), "availability": "Public"}
    return shown | extra


def _file(version: Version, model: Model, host: str, scanned_at: str) -> JsonObject:
    return {
        "id": version.version_id - 1000,
        "sizeKB": 223_102.4,
        "name": model.name.lower().replace(" ", "_") + ".safetensors",
        "type": "Model",
        "pickleScanResult": "Success",
        "pickleScanMessage": "No Pickle imports",
        "virusScanResult": "Success",
        "virusScanMessage": None,
        "scannedAt": scanned_at,
        "metadata": {"format": "SafeTensor"},
        "hashes": _hashes(version),
        "downloadUrl": _download_url(version, host),
        "primary": True,
    }


def _hashes(version: Version) -> dict[str, str]:
    sha256 = hashlib.sha256(f"sandbox/{version.version_id}".encode()).hexdigest().upper()
    return {"AutoV2": sha256[:10], "SHA256": sha256}


def _download_url(version: Version, host: str) -> str:
    return f"http://{host}/api/download/models/{version.version_id}"
