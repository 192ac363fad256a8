"""Models, versions, lists of models, and the key."""

from typing import Any

import pytest

from collect_pipeline.sandbox.content import (
    ATLAS_MODEL,
    CLAY_EMPTY,
    CLAY_MODEL,
    CLAY_VERSION,
    FADED_MODEL,
    FADED_VERSION,
    LANTERN_MODEL,
    LANTERN_V1,
    LANTERN_V2,
    NORTHLIGHT_DRAFT,
    NORTHLIGHT_MODEL,
)
from collect_pipeline_tests.sandbox.conftest import Client

PUBLIC = "public, s-maxage=300, stale-while-revalidate=150"
PRIVATE = "max-age=0, private, no-cache"
KEY = {"Authorization": "Bearer sandbox-key"}


def versions(client: Client, model_id: int) -> dict[int, Any]:
    """The versions inside a model object, by id."""
    return {version["id"]: version for version in client.get(f"models/{model_id}").json()["modelVersions"]}


def test_a_model_has_its_published_versions(client: Client) -> None:
    reply = client.get(f"models/{LANTERN_MODEL}")
    model = reply.json()
    assert reply.headers["Cache-Control"] == PUBLIC
    assert (model["id"], model["type"], model["creator"]["username"]) == (LANTERN_MODEL, "LORA", "harrow_ink")
    assert [version["id"] for version in model["modelVersions"]] == [LANTERN_V2, LANTERN_V1]
    assert "mode" not in model


def test_model_images_have_no_id_and_no_meta_and_an_integer_level(client: Client) -> None:
    images = versions(client, LANTERN_MODEL)[LANTERN_V2]["images"]
    assert len(images) == 20
    assert not {"id", "meta"} & set(images[0])
    assert isinstance(images[0]["nsfwLevel"], int)


def test_empty_lists_and_nulls_are_left_out_of_versions(client: Client) -> None:
    empty = versions(client, CLAY_MODEL)[CLAY_EMPTY]
    assert not {"images", "trainedWords", "description", "vaeId"} & set(empty)
    assert "files" not in versions(client, FADED_MODEL)[FADED_VERSION]


def test_an_archived_version_has_empty_lists_by_itself(client: Client) -> None:
    assert client.get(f"models/{FADED_MODEL}").json()["mode"] == "Archived"
    version = client.get(f"model-versions/{FADED_VERSION}").json()
    assert (version["files"], version["images"]) == ([], [])


def test_a_model_of_the_site_has_no_creator(client: Client) -> None:
    model = client.get(f"models/{ATLAS_MODEL}").json()
    assert "creator" not in model
    assert model["stats"]["downloadCount"] is None


def test_a_version_by_itself_carries_its_model_and_images_with_meta(client: Client) -> None:
    version = client.get(f"model-versions/{LANTERN_V2}").json()
    assert (version["modelId"], version["model"]["name"]) == (LANTERN_MODEL, "Paper Lantern Watercolour")
    assert version["air"] == f"urn:air:sdxl:lora:civitai:{LANTERN_MODEL}@{LANTERN_V2}"
    assert len(version["images"]) == 10
    assert any((image["meta"] or {}).get("prompt") for image in version["images"])
    assert not version["files"][0]["scannedAt"].endswith("Z")


def test_one_number_is_both_a_model_and_a_version_of_another(client: Client) -> None:
    assert CLAY_VERSION == NORTHLIGHT_MODEL
    assert client.get(f"models/{CLAY_VERSION}").json()["name"] == "Northlight XL"
    assert client.get(f"model-versions/{CLAY_VERSION}").json()["modelId"] == CLAY_MODEL


def test_an_unrated_version_is_not_found_and_not_listed(client: Client) -> None:
    reply = client.get(f"model-versions/{NORTHLIGHT_DRAFT}")
    assert (reply.status_code, reply.json()) == (404, {"error": "Model not found"})
    assert NORTHLIGHT_DRAFT not in versions(client, NORTHLIGHT_MODEL)


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("models/abc", 400, "✖ Invalid input: expected number, received NaN\n  → at id"),
        ("models/0", 400, "✖ Too small: expected number to be >0\n  → at id"),
        ("models/2147483648", 400, "✖ Too big: expected number to be <=2147483647\n  → at id"),
        ("models/7", 404, "No model with id 7"),
        ("model-versions/abc", 400, "✖ Invalid input: expected number, received NaN\n  → at id"),
        ("model-versions/0", 400, "Missing modelVersionId"),
        ("model-versions/", 400, "Missing modelVersionId"),
        ("model-versions/7", 404, "Model not found"),
        ("model-versions/2147483648", 500, "Failed to fetch model version details"),
        ("model-versions/mini/7", 404, "Model not found"),
        ("model-versions/by-hash/0123456789", 404, "Model not found"),
    ],
)
def test_wrong_ids_are_answered_as_the_site_does(client: Client, path: str, status: int, error: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.json()) == (status, {"error": error})


@pytest.mark.parametrize("given", ["Infinity", "1e400", "99999999999999999999"])
def test_ids_beyond_all_bounds_are_too_big(client: Client, given: str) -> None:
    assert client.get(f"models/{given}").status_code == 400


@pytest.mark.parametrize("kind", ["AutoV2", "SHA256"])
def test_a_version_is_found_by_the_hash_of_its_file_in_either_case(client: Client, kind: str) -> None:
    version = client.get(f"model-versions/{LANTERN_V2}").json()
    reply = client.get(f"model-versions/by-hash/{version['files'][0]['hashes'][kind].lower()}")
    assert reply.json() == version
    assert reply.headers["Cache-Control"] == "public, s-maxage=3600, stale-while-revalidate=1800"


def test_the_mini_version_names_version_and_model(client: Client) -> None:
    mini = client.get(f"model-versions/mini/{LANTERN_V2}").json()
    assert (mini["versionName"], mini["modelName"]) == ("v2 IL", "Paper Lantern Watercolour")


def test_versions_refuse_other_methods_and_models_do_not(client: Client) -> None:
    refused = client.session.post(f"{client.sandbox.url}/api/v1/model-versions/{LANTERN_V2}", timeout=10)
    assert (refused.status_code, refused.json()) == (405, {"error": "Method not allowed"})
    taken = client.session.post(f"{client.sandbox.url}/api/v1/models/{LANTERN_MODEL}", timeout=10)
    assert taken.status_code == 200


def test_a_session_makes_versions_private_and_leaves_models_public(client: Client) -> None:
    assert client.get(f"model-versions/{LANTERN_V2}").headers["Cache-Control"] == PUBLIC
    assert client.get(f"model-versions/{LANTERN_V2}", headers=KEY).headers["Cache-Control"] == PRIVATE
    assert client.get(f"models/{LANTERN_MODEL}", headers=KEY).headers["Cache-Control"] == PUBLIC


def test_me_tells_a_good_key_from_a_bad_one(client: Client) -> None:
    assert client.get("me", headers=KEY).json()["username"] == "sandbox_visitor"
    refused = client.get("me", headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.json()) == (401, {"error": "Unauthorized"})
    assert refused.headers["Cache-Control"] == PRIVATE


def test_a_token_counts_only_without_an_authorization_header(client: Client) -> None:
    assert client.get("me", {"token": "sandbox-key"}).status_code == 200
    assert client.get("me", {"token": "sandbox-key"}, headers={"Authorization": "Bearer x"}).status_code == 401


def test_models_are_listed_with_cursors(client: Client) -> None:
    first = client.get("models", {"limit": 2}).json()
    second = client.get("models", {"limit": 3, "cursor": first["metadata"]["nextCursor"]}).json()
    assert first["metadata"]["nextCursor"].count("|") == 2
    assert len({model["id"] for model in first["items"] + second["items"]}) == 5
    assert second["metadata"] == {}


def test_models_are_found_by_text_ids_and_type(client: Client) -> None:
    def found(**params: Any) -> list[int]:
        return [model["id"] for model in client.get("models", params).json()["items"]]

    assert found(query="lantern") == [LANTERN_MODEL]
    assert found(ids=f"{ATLAS_MODEL},{CLAY_MODEL}") == [ATLAS_MODEL, CLAY_MODEL]
    assert found(types="Checkpoint") == [NORTHLIGHT_MODEL]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"favorites": "false"}, 401),
        ({"limit": 101}, 400),
        ({"query": "a", "page": 2}, 400),
        ({"page": 11, "limit": 100}, 429),
    ],
)
def test_lists_of_models_refuse_what_the_site_refuses(client: Client, params: dict[str, Any], status: int) -> None:
    assert client.get("models", params).status_code == status


@pytest.mark.parametrize("path", ["nothing", "images/5", "model-versions/1/2/3"])
def test_an_unknown_path_is_an_html_page(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert reply.headers["Content-Type"].startswith("text/html")
