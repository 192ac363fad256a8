"""The client against the offline CivitAI: whole galleries, with and without trouble on the way."""

from collections.abc import Iterator

import pytest

from collect_pipeline.civitai.client import CivitaiClient, ImageQuery, RetryPolicy
from collect_pipeline.civitai.errors import UnauthorizedError
from collect_pipeline.civitai.items import Item, read_item
from collect_pipeline.civitai.target import parse_target, resolve
from collect_pipeline.sandbox import Sandbox, SandboxOptions

from .conftest import ClientFor, Waits

FIRST_VERSION = 1204771
STEADY_ROUTES = ("feed", "index", "legacy")
"""Search routes that lose nothing of an unchanging gallery in the order Oldest."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(seed=1)) as running:
        yield running


def drain(client: CivitaiClient, query: ImageQuery) -> list[int]:
    ids: list[int] = []
    cursor = None
    while True:
        page = client.images_page(query, cursor)
        for raw in page.items:
            item = read_item(raw)
            assert isinstance(item, Item)
            ids.append(item.image_id)
        assert page.cursor_problem is None
        cursor = page.next_cursor
        if cursor is None:
            return ids


@pytest.mark.parametrize("route", STEADY_ROUTES)
def test_a_gallery_is_read_in_full_on_every_steady_route(client_for: ClientFor, route: str) -> None:
    with Sandbox(SandboxOptions(seed=1, route=route)) as sandbox:
        ids = drain(client_for(sandbox.url), ImageQuery(FIRST_VERSION, limit=60, browsing_level=31))
        assert sorted(ids) == sorted(sandbox.visible_ids(FIRST_VERSION, 31))
    assert len(ids) > 200


def test_a_gallery_is_read_in_full_in_spite_of_trouble(client_for: ClientFor, waits: Waits) -> None:
    faults = "bulkhead-503:0.15,truncated:0.15,reset:0.1,edge-429:0.1,server-500:0.1,html-200:0.1"
    with Sandbox(SandboxOptions(seed=1, faults=faults)) as sandbox:
        client = client_for(sandbox.url, policy=RetryPolicy(attempts=50, patience=1e9))
        ids = drain(client, ImageQuery(FIRST_VERSION, limit=20, browsing_level=31))
        assert set(ids) == set(sandbox.visible_ids(FIRST_VERSION, 31))
    assert waits.seconds


def test_a_model_is_found_by_its_page_and_by_its_version(client_for: ClientFor, sandbox: Sandbox) -> None:
    client = client_for(sandbox.url)
    by_version = resolve(parse_target(f"version:{FIRST_VERSION}"), client)
    page = f"{sandbox.url}/models/{by_version.model.id}?modelVersionId={FIRST_VERSION}"
    by_page = resolve(parse_target(page, sandbox.url.removeprefix("http://")), client)
    assert (
        [version.id for version in by_page.chosen] == [version.id for version in by_version.chosen] == [FIRST_VERSION]
    )
    assert by_page.chosen[0].air == by_version.chosen[0].air


def test_the_key_is_checked_with_its_owner(client_for: ClientFor, sandbox: Sandbox) -> None:
    assert client_for(sandbox.url, "sandbox-key").me()
    with pytest.raises(UnauthorizedError):
        client_for(sandbox.url, "another-key").me()
