"""The `meta` of an image: what a web UI, the site's generator or a node graph left in it, by its recipe.

Knows nothing of requests; whether `meta` is sent at all, and nested or flat, is decided by who shows it.
"""

import json
from random import Random
from typing import Any

from collect_pipeline.sandbox.catalogue import Image, JsonObject
from collect_pipeline.sandbox.chance import seeded
from collect_pipeline.sandbox.clock import iso
from collect_pipeline.sandbox.prompt_writer import write_prompt

SAMPLERS = ("Euler a", "DPM++ 2M Karras", "DPM++ SDE Karras", "UniPC", "Undefined", "DDIM")
_FILE_NAMES = ("northlightXL_v4", "northlightXL_v3", "mixedPaints_v12", "ponyLike_v6")


def compose(image: Image, seed: int) -> JsonObject | None:
    """The stored metadata of `image`; None when its owner hid it or nothing was embedded.

    Shapes: `webui`, `generator` (the site's own), `comfy`, `wrapped` (once more inside `meta`), `no-prompt`,
    `empty-prompt`, `bare` (nothing but a prompt), `given` (prompt and negative prompt from outside).
    """
    random = seeded(seed, image.image_id)
    shape = image.recipe.shape
    if shape == "hidden":
        return None
    if shape == "no-prompt":
        return {"process": "img2img-hires", "upscalers": [{"model": "4x-plain"}], "sourceImage": {"width": 512}}
    prompt, negative = image.recipe.text or write_prompt(seed, image.recipe.number, image.browsing_level)
    if shape == "empty-prompt":
        prompt = random.choice(("", "   "))
    if shape == "bare":
        return {"prompt": prompt}
    if shape == "generator":
        return _from_generator(image, prompt, negative, random)
    if shape == "comfy":
        return _from_comfy(image, prompt, negative, random)
    meta = _from_webui(image, prompt, negative, random)
    return {"id": image.image_id, "meta": meta} if shape == "wrapped" else meta


def _from_webui(image: Image, prompt: str, negative: str, random: Random) -> JsonObject:
    checkpoint = random.choice(_FILE_NAMES)
    size = f"{image.width}x{image.height}" if random.random() < 0.5 else "512x768"
    short_hash = f"{random.getrandbits(40):010x}"
    meta: JsonObject = {
        "Size": size,
        "seed": _image_seed(random),
        "Model": checkpoint,
        "steps": random.randint(12, 45),
        "hashes": {"model": short_hash, "lora:paper_lantern_v2": f"0x{random.getrandbits(40):010x}"},
        "prompt": prompt,
        "Version": random.choice(("v1.10.1", "neo", "f2.0.1v1.10.1")),
        "sampler": random.choice(SAMPLERS),
        "cfgScale": random.choice((5, 5.5, 7, 3.5, 1)),
        "clipSkip": 2,
        "Clip skip": random.choice(("2", "1", 2, "2,")),
        "Model hash": short_hash,
        "negativePrompt": negative,
        "resources": _resources(checkpoint, short_hash, random),
    }
    if random.random() < 0.5:
        uploaded = iso(image.uploaded_ms)
        meta["Created Date"] = uploaded[:13] + uploaded[14:23] + "7340Z"
    if random.random() < 0.3:
        meta |= {"Hires upscale": "1.5", "Denoising strength": random.choice(("0.34", "0.34,", "0.5, 0"))}
    if random.random() < 0.05:
        meta["Model"] = {"northlight": "v4"}
    return meta


def _resources(checkpoint: str, short_hash: str, random: Random) -> list[JsonObject]:
    if random.random() < 0.25:
        return []
    return [
        {"hash": short_hash, "name": checkpoint, "type": "model"},
        {"name": "paper_lantern_v2", "type": "lora", "weight": random.choice((0.8, 1, None, "0.6"))},
    ]


def _from_generator(image: Image, prompt: str, negative: str, random: Random) -> JsonObject:
    resources: list[JsonObject] = [
        {"type": "lora", "weight": random.choice((0.65, 0.9, 1)), "modelVersionId": version_id}
        for version_id in image.version_ids
    ]
    if random.random() < 0.1:
        resources.append({"modelVersionId": str(image.version_ids[0]), "modelVersionName": "v2"})
    return {
        "seed": _image_seed(random),
        "draft": False,
        "steps": random.randint(20, 40),
        "width": image.width,
        "height": image.height,
        "prompt": prompt,
        "sampler": "Euler a",
        "cfgScale": random.choice((4, 3.5, 6)),
        "clipSkip": 2,
        "quantity": 4,
        "workflow": "txt2img",
        "baseModel": image.checkpoints[0],
        "negativePrompt": negative,
        "Created Date": iso(image.uploaded_ms),
        "civitaiResources": resources,
        "extra": {"remixOfId": image.image_id - 7} if random.random() < 0.1 else {},
    }


def _from_comfy(image: Image, prompt: str, negative: str, random: Random) -> JsonObject:
    nodes: dict[str, Any] = {
        "3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 28, "positive": ["6", 0]}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": negative}},
    }
    graph = {"nodes": [{"id": number, "type": "Note", "pos": [number * 40, 80]} for number in range(40)]}
    text = json.dumps({"prompt": nodes, "workflow": graph})
    return {
        "seed": _image_seed(random),
        "steps": 28,
        "vaes": [],
        "comfy": text.replace('"seed": 5', '"seed": NaN') if random.random() < 0.3 else text,
        "width": image.width,
        "height": image.height,
        "models": ["northlightXL_v4.safetensors"],
        "prompt": prompt,
        "sampler": "dpmpp_2m",
        "cfgScale": 4.5,
        "scheduler": "karras",
        "versionIds": list(image.version_ids),
        "negativePrompt": negative,
    }


def _image_seed(random: Random) -> int:
    """Mostly 32 bits; web UIs also write -1, and seeds beyond 2**53 were rounded by JavaScript."""
    return random.choice((random.randrange(2**32), random.randrange(2**32), random.randrange(2**50), -1, 2**60))
