"""Models and versions as the API gives them, with most keys missing or with all of them."""

from datetime import datetime

import pytest

from collect_pipeline.civitai.models import Model, Version, read_model, read_version

from .conftest import ClientFor
from .fake_source import FakeSource, json_answer

PUBLISHED = datetime(2025, 11, 2, 8, 30)  # noqa: DTZ001 - UTC without a zone is the contract
MODEL = {
    "id": 918273,
    "name": "Watercolor Harbor",
    "type": "LORA",
    "nsfwLevel": 3,
    "stats": {"downloadCount": 4821},
    "creator": {"username": "harbor_sketch", "image": None},
    "modelVersions": [
        {
            "id": 1027364,
            "index": 0,
            "name": "v2.0 IL",
            "baseModel": "Illustrious",
            "publishedAt": "2025-11-02T08:30:00.000Z",
            "nsfwLevel": 1,
            "stats": {"downloadCount": 3110},
        },
        {"id": 880145, "index": 1, "name": "v1.0", "baseModel": "Brand New Base"},
    ],
}
VERSION = {
    "id": 1027364,
    "modelId": 918273,
    "name": "v2.0 IL",
    "nsfwLevel": 1,
    "publishedAt": "2025-11-02T08:30:00.000Z",
    "baseModel": "Illustrious",
    "air": "urn:air:sdxl:lora:civitai:918273@1027364",
    "stats": {"downloadCount": 3110},
    "model": {"name": "Watercolor Harbor", "type": "LORA"},
}


def test_a_model_is_read_with_its_versions() -> None:
    model = read_model(MODEL)
    assert model is not None
    assert (model.id, model.name, model.type, model.creator) == (918273, "Watercolor Harbor", "LORA", "harbor_sketch")
    assert (model.nsfw_level, model.download_count, model.mode) == (3, 4821, None)
    assert model.versions[0] == Version(
        id=1027364,
        model_id=918273,
        name="v2.0 IL",
        model_name="Watercolor Harbor",
        model_type="LORA",
        creator="harbor_sketch",
        base_model="Illustrious",
        published_at=PUBLISHED,
        air="urn:air:sdxl:lora:civitai:918273@1027364",
        nsfw_level=1,
        download_count=3110,
        index=0,
    )


def test_a_version_is_read_by_itself() -> None:
    assert read_version(VERSION) == Version(
        id=1027364,
        model_id=918273,
        name="v2.0 IL",
        model_name="Watercolor Harbor",
        model_type="LORA",
        creator=None,
        base_model="Illustrious",
        published_at=PUBLISHED,
        air="urn:air:sdxl:lora:civitai:918273@1027364",
        nsfw_level=1,
        download_count=3110,
        index=None,
    )


def test_a_model_of_which_only_the_id_is_told_is_a_model() -> None:
    assert read_model({"id": 7}) == Model(7, None, None, None, None, None, None, ())


@pytest.mark.parametrize(
    "odd",
    [
        {"creator": None, "modelVersions": None, "stats": None},
        {"creator": [], "modelVersions": {}, "stats": "x", "name": 5, "type": {}},
        {"modelVersions": [None, 5, {}, {"id": 0}, {"id": "x"}]},
    ],
)
def test_odd_keys_do_not_break_a_model(odd: dict[str, object]) -> None:
    model = read_model({"id": 7, **odd})
    assert model is not None
    assert (model.creator, model.versions) == (None, ())


@pytest.mark.parametrize(
    ("model_type", "base_model", "file_type", "air"),
    [
        ("LORA", "Pony", "Model", "urn:air:sdxl:lora:civitai:7@8"),
        ("LoCon", "SD 1.5", "Model", "urn:air:sd1:lycoris:civitai:7@8"),
        ("TextualInversion", "SDXL 1.0", "Model", "urn:air:sdxl:embedding:civitai:7@8"),
        ("Checkpoint", "Flux.1 D", "Model", "urn:air:flux1:checkpoint:civitai:7@8"),
        ("Checkpoint", "Flux.1 D", "Diffusion Model", "urn:air:flux1:diffusionmodel:civitai:7@8"),
        ("Poses", "SD 1.5", "Model", None),
        ("LORA", "Brand New Base", "Model", None),
        ("LORA", None, "Model", None),
    ],
)
def test_an_air_is_formed_where_its_parts_are_known(
    model_type: str, base_model: str | None, file_type: str, air: str | None
) -> None:
    version = {"id": 8, "baseModel": base_model, "files": [{"type": "Config"}, {"type": file_type, "primary": True}]}
    model = read_model({"id": 7, "type": model_type, "modelVersions": [version]})
    assert model is not None
    assert model.versions[0].air == air


def test_models_versions_and_hashes_are_asked_for_at_their_own_addresses(client_for: ClientFor) -> None:
    answers = {
        "/models/918273": json_answer(MODEL),
        "/model-versions/1027364": json_answer(VERSION),
        "/model-versions/by-hash/5D20EDA2F1": json_answer(VERSION),
    }
    with FakeSource(by_path=answers) as source:
        client = client_for(source.url)
        assert client.model(918273) == read_model(MODEL)
        assert client.model_version(1027364) == read_version(VERSION)
        assert client.version_by_hash("0x5d20eda2f1") == read_version(VERSION)
        assert [request.target for request in source.requests] == [f"/api/v1{path}" for path in answers]
