"""What a person may point at, and what it is taken for."""

from collections.abc import Iterator

import pytest

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import (
    AmbiguousTargetError,
    InvalidIdError,
    InvalidTargetError,
    NotFoundError,
    RetryableError,
)
from collect_pipeline.civitai.target import Target, TargetKind, parse_target, resolve, resolve_pair

from .conftest import ClientFor
from .fake_source import Answer, FakeSource, json_answer

MODEL, VERSION, NUMBER = TargetKind.MODEL, TargetKind.VERSION, TargetKind.NUMBER


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("https://civitai.com/models/918273", Target(MODEL, 918273)),
        ("https://civitai.com/models/918273/watercolor-harbor", Target(MODEL, 918273)),
        ("https://civitai.com/models/918273/x?modelVersionId=1027364#top", Target(MODEL, 918273, 1027364)),
        ("https://civitai.com/models/918273?modelVersionId=", Target(MODEL, 918273)),
        ("https://civitai.red/en/models/918273", Target(MODEL, 918273)),
        ("http://www.civitai.green/models/918273/", Target(MODEL, 918273)),
        ("civitai.com/models/918273", Target(MODEL, 918273)),
        ("  https://CivitAI.com/models/918273\n", Target(MODEL, 918273)),
        ("https://civitai.com/api/v1/models/918273", Target(MODEL, 918273)),
        ("https://civitai.com/api/download/models/1027364?type=Model", Target(VERSION, 1027364)),
        ("https://civitai.com/api/v1/model-versions/1027364", Target(VERSION, 1027364)),
        ("https://civitai.com/api/v1/model-versions/mini/1027364", Target(VERSION, 1027364)),
        ("https://civitai.com/api/v1/model-versions/by-hash/5d20eda2f1", Target(TargetKind.HASH, hash="5D20EDA2F1")),
        ("https://civitai.com/images/118204417", Target(TargetKind.IMAGE, 118204417)),
        ("https://civitai.com/posts/26911034", Target(TargetKind.POST, 26911034)),
        ("urn:air:sdxl:lora:civitai:918273@1027364", Target(MODEL, 918273, 1027364)),
        ("urn:air:sdxl:lora:civitai:918273@1027364+930011.safetensors", Target(MODEL, 918273, 1027364)),
        ("urn:air:sdxl:lora:civitai:918273", Target(MODEL, 918273)),
        ("air:sdxl:lora:civitai:918273@1027364", Target(MODEL, 918273, 1027364)),
        ("civitai:918273@1027364", Target(MODEL, 918273, 1027364)),
        ("918273@1027364", Target(MODEL, 918273, 1027364)),
        ("918273", Target(NUMBER, 918273)),
        ("model:918273", Target(MODEL, 918273)),
        ("Version: 1027364", Target(VERSION, 1027364)),
        ("hash:5D20EDA2F1", Target(TargetKind.HASH, hash="5D20EDA2F1")),
        ("hash:1234567890", Target(TargetKind.HASH, hash="1234567890")),
        ("5d20eda2f1", Target(TargetKind.HASH, hash="5D20EDA2F1")),
        ("0x5d20eda2f1", Target(TargetKind.HASH, hash="5D20EDA2F1")),
    ],
)
def test_text_that_names_something_is_read(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "harbor",
        "0",
        "-5",
        "2147483648",
        "9" * 5000,
        "９",
        "model:0",
        "model:abc",
        "version:",
        "hash:xyz",
        "918273@",
        "918273@0",
        "urn:air:sdxl:lora:huggingface:some@1",
        "https://example.org/models/918273",
        "https://civitai.com.example.org/models/918273",
        "https://example.org/civitai.com/models/918273",
        "https://civitai.com/",
        "https://civitai.com/user/harbor_sketch",
        "https://civitai.com/models/0",
        "https://civitai.com/models/918273?modelVersionId=x",
        "ftp://civitai.com/models/918273",
        "https://[::1/models/5",
        "C:\\models\\918273",
    ],
)
def test_text_that_names_nothing_is_an_error_that_says_what_would(text: str) -> None:
    with pytest.raises(InvalidTargetError) as caught:
        parse_target(text)
    assert 20 < len(str(caught.value)) < 400


def test_the_configured_host_is_accepted_in_urls() -> None:
    url = "http://127.0.0.1:3111/models/918273"
    assert parse_target(url, "127.0.0.1:3111") == Target(MODEL, 918273)
    with pytest.raises(InvalidTargetError):
        parse_target(url)


def version(version_id: int, model_id: int, name: str) -> Answer:
    air = f"urn:air:sdxl:lora:civitai:{model_id}@{version_id}"
    return json_answer({"id": version_id, "modelId": model_id, "name": name, "air": air, "model": {"name": "M"}})


def model(model_id: int, name: str, *version_ids: int) -> Answer:
    versions = [{"id": number, "name": f"v{number}", "index": place} for place, number in enumerate(version_ids)]
    return json_answer({"id": model_id, "name": name, "type": "LORA", "modelVersions": versions})


SITE = {
    "/models/10": model(10, "Harbor", 100, 101),
    "/models/20": model(20, "Fox", 200, 30),
    "/models/30": model(30, "Thirty"),
    "/models/40": model(40, "Forty", 40),
    "/model-versions/100": version(100, 10, "v100"),
    "/model-versions/101": version(101, 10, "v101"),
    "/model-versions/102": version(102, 10, "unlisted"),
    "/model-versions/200": version(200, 20, "v200"),
    "/model-versions/30": version(30, 20, "v30"),
    "/model-versions/40": version(40, 40, "v40"),
    "/model-versions/by-hash/5D20EDA2F1": version(101, 10, "v101"),
    "/model-versions/500": json_answer({"id": 500, "name": "orphan"}),
}


@pytest.fixture
def client(client_for: ClientFor) -> Iterator[CivitaiClient]:
    with FakeSource(by_path=SITE) as source:
        yield client_for(source.url)


@pytest.mark.parametrize(
    ("text", "model_id", "chosen"),
    [
        ("https://civitai.com/models/10", 10, [100, 101]),
        ("https://civitai.com/models/10?modelVersionId=101", 10, [101]),
        ("urn:air:sdxl:lora:civitai:10@100", 10, [100]),
        ("https://civitai.com/api/download/models/200", 20, [200]),
        ("10@102", 10, [102]),
        ("10", 10, [100, 101]),
        ("101", 10, [101]),
        ("model:30", 30, []),
        ("version:30", 20, [30]),
        ("5d20eda2f1", 10, [101]),
    ],
)
def test_a_target_leads_to_its_model_and_versions(
    client: CivitaiClient, text: str, model_id: int, chosen: list[int]
) -> None:
    resolved = resolve(parse_target(text), client)
    assert resolved.model.id == model_id
    assert [entry.id for entry in resolved.chosen] == chosen
    assert {entry.id for entry in resolved.chosen} <= {entry.id for entry in resolved.versions}
    assert {entry.id for entry in resolved.model.versions} <= {entry.id for entry in resolved.versions}
    assert resolved.note is None


def test_a_version_read_by_itself_knows_its_model_air_and_place(client: CivitaiClient) -> None:
    (chosen,) = resolve(parse_target("version:101"), client).chosen
    assert (chosen.model_name, chosen.model_type, chosen.index) == ("M", "LORA", 1)
    assert chosen.air == "urn:air:sdxl:lora:civitai:10@101"


def test_a_number_that_is_both_must_be_made_clear(client: CivitaiClient) -> None:
    with pytest.raises(AmbiguousTargetError) as caught:
        resolve(parse_target("30"), client)
    assert all(words in str(caught.value) for words in ("model:30", "version:30", "“Thirty”", "“v30”"))


@pytest.mark.parametrize("text", ["77", "model:77", "version:77", "https://civitai.com/models/77", "deadbeef00"])
def test_what_the_source_does_not_know_is_not_found(client: CivitaiClient, text: str) -> None:
    with pytest.raises(NotFoundError):
        resolve(parse_target(text), client)


def test_a_number_nobody_knows_may_be_an_image_or_unpublished(client: CivitaiClient) -> None:
    with pytest.raises(NotFoundError, match=r"unpublished.*image"):
        resolve(parse_target("77"), client)


@pytest.mark.parametrize("text", ["https://civitai.com/images/10", "https://civitai.com/posts/10"])
def test_an_image_or_a_post_is_no_model(client: CivitaiClient, text: str) -> None:
    with pytest.raises(InvalidTargetError, match="names one"):
        resolve(parse_target(text), client)


def test_a_version_that_does_not_exist_lists_those_that_do(client: CivitaiClient) -> None:
    with pytest.raises(NotFoundError, match="100, 101"):
        resolve(parse_target("10@999"), client)


def test_a_version_of_another_model_names_its_own(client: CivitaiClient) -> None:
    with pytest.raises(InvalidTargetError, match="belongs to model 20"):
        resolve(parse_target("10@200"), client)


def test_a_version_without_a_model_is_told(client: CivitaiClient) -> None:
    with pytest.raises(NotFoundError, match="give both ids"):
        resolve(parse_target("version:500"), client)


def test_trouble_with_the_source_is_not_taken_for_not_found(client_for: ClientFor) -> None:
    with FakeSource(Answer(502, b"")) as source, pytest.raises(RetryableError):
        resolve(parse_target("10"), client_for(source.url))


@pytest.mark.parametrize(
    ("model_id", "version_id", "expected_model", "chosen", "has_note"),
    [
        (10, None, 10, [100, 101], False),
        (10, 101, 10, [101], False),
        (10, 102, 10, [102], False),
        (None, 101, 10, [101], False),
        (None, 30, 20, [30], False),
        (None, 10, 10, [100, 101], True),
        (10, 10, 10, [100, 101], True),
        (40, 40, 40, [40], False),
        (101, 10, 10, [101], True),
        (101, None, 10, [101], True),
        (101, 101, 10, [101], True),
    ],
)
def test_a_pair_of_ids_is_understood(
    client: CivitaiClient,
    model_id: int | None,
    version_id: int | None,
    expected_model: int,
    chosen: list[int],
    has_note: bool,
) -> None:
    resolved = resolve_pair(model_id, version_id, client)
    assert (resolved.model.id, [entry.id for entry in resolved.chosen]) == (expected_model, chosen)
    assert (resolved.note is not None) == has_note


@pytest.mark.parametrize(
    ("model_id", "version_id", "error", "words"),
    [
        (10, 200, InvalidTargetError, "--model-id 20"),
        (101, 200, InvalidTargetError, "--model-id 10"),
        (10, 999, NotFoundError, "has no version 999"),
        (77, None, NotFoundError, "77"),
        (77, 101, NotFoundError, "77"),
        (None, 77, NotFoundError, "77"),
        (None, None, InvalidTargetError, "at least one"),
        (0, 5, InvalidIdError, "model id"),
        (10, 0, InvalidIdError, "version id"),
        (None, 0, InvalidIdError, "version id"),
    ],
)
def test_a_pair_that_does_not_go_together_is_an_error(
    client: CivitaiClient, model_id: int | None, version_id: int | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        resolve_pair(model_id, version_id, client)
