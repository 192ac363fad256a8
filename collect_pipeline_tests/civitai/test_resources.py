"""Resources that generation data names: one record each, however many lists name it."""

import pytest

from collect_pipeline.civitai.resources import Resource, read_resources


def test_each_list_is_read_in_its_own_way() -> None:
    meta: dict[str, object] = {
        "civitaiResources": [
            {"type": "checkpoint", "modelVersionId": 345685, "modelVersionName": "FUSION OG"},
            {"type": "lora", "weight": "0.65", "modelVersionId": "249861"},
        ],
        "resources": [{"hash": "9AF0C3D1E7", "name": "paperlightXL_v20", "type": "model"}],
        "additionalResources": [
            {"name": "RetroFlux.safetensors", "type": "lora", "strength": 1.2},
            {"air": "urn:air:sdxl:lora:civitai:918273@1027364", "type": "lora"},
        ],
        "hashes": {"vae": "235745af8d", "LORA:pony/kenva": "0x189804f733", "embed:bad": None},
    }
    assert read_resources(meta) == (
        Resource("checkpoint", None, 345685, None, None, "civitaiResources"),
        Resource("lora", None, 249861, 0.65, None, "civitaiResources"),
        Resource("checkpoint", "paperlightXL_v20", None, None, "9af0c3d1e7", "resources"),
        Resource("lora", "RetroFlux.safetensors", None, 1.2, None, "additionalResources"),
        Resource("lora", None, 1027364, None, None, "additionalResources"),
        Resource("vae", None, None, None, "235745af8d", "hashes"),
        Resource("lora", "pony/kenva", None, None, "189804f733", "hashes"),
        Resource("embedding", "bad", None, None, None, "hashes"),
    )


def test_hashes_complete_what_another_list_names() -> None:
    meta: dict[str, object] = {
        "resources": [
            {"name": "watercolor_harbor", "type": "lora", "weight": 0.8},
            {"hash": "9af0c3d1e7", "name": "paperlightXL_v20", "type": "model"},
        ],
        "hashes": {"model": "9af0c3d1e7", "lora:Watercolor_Harbor": "0x5d20eda2f1"},
    }
    assert read_resources(meta) == (
        Resource("lora", "watercolor_harbor", None, 0.8, "5d20eda2f1", "resources"),
        Resource("checkpoint", "paperlightXL_v20", None, None, "9af0c3d1e7", "resources"),
    )


def test_a_resource_named_twice_is_one_and_keeps_its_first_weight() -> None:
    meta: dict[str, object] = {
        "civitaiResources": [
            {"type": "lora", "modelVersionId": 7},
            {"type": "lora", "modelVersionId": 7, "weight": 0.5},
            {"type": "lora", "modelVersionId": 7, "weight": 0.9},
        ]
    }
    assert read_resources(meta) == (Resource("lora", None, 7, 0.5, None, "civitaiResources"),)


def test_the_same_name_as_another_type_is_another_resource() -> None:
    meta: dict[str, object] = {"resources": [{"type": "lora", "name": "x"}, {"type": "embed", "name": "x"}]}
    assert [resource.type for resource in read_resources(meta)] == ["lora", "embedding"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("model", "checkpoint"),
        ("Checkpoint", "checkpoint"),
        ("LORA", "lora"),
        ("LoCon", "lycoris"),
        ("lyco", "lycoris"),
        ("DoRA", "dora"),
        ("embed", "embedding"),
        ("TextualInversion", "embedding"),
        ("hypernet", "hypernetwork"),
        ("VAE", "vae"),
        ("Upscaler", "upscaler"),
        ("ImageJobNetworkParams { Strength = 1, TriggerWord = , Type = lora }", "lora"),
        ("ImageJobNetworkParams { Strength = 1, TriggerWord = Bad, Type = TextualInversion }", "embedding"),
    ],
)
def test_types_have_one_spelling(word: str, expected: str) -> None:
    (resource,) = read_resources({"resources": [{"type": word, "name": "x"}]})
    assert resource.type == expected


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(1, 1.0), ("0.8", 0.8), (0, 0.0), (-0.5, -0.5), (None, None), ([], None), ("x", None), ("inf", None)],
)
def test_weights_are_finite_numbers(weight: object, expected: float | None) -> None:
    (resource,) = read_resources({"resources": [{"name": "x", "weight": weight}]})
    assert resource.weight == expected


def test_a_resource_of_type_and_weight_only_is_kept() -> None:
    meta: dict[str, object] = {"resources": [{"type": "lora", "weight": 0.5}]}
    assert read_resources(meta) == (Resource("lora", None, None, 0.5, None, "resources"),)


@pytest.mark.parametrize(
    "meta",
    [
        {"resources": "x", "hashes": ["9af0"], "civitaiResources": None, "additionalResources": 5},
        {"resources": [None, 5, "x", [], {}, {"name": ""}], "hashes": {"model": None, "": "", "lora": []}},
        {},
    ],
)
def test_what_names_nothing_gives_no_resource(meta: dict[str, object]) -> None:
    assert read_resources(meta) == ()
