"""A running sandbox, and a client that asks it over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from collect_pipeline.sandbox.content import LANTERN_V2
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox

PARAMS: dict[str, str | int] = {
    "modelVersionId": LANTERN_V2,
    "limit": 100,
    "sort": "Oldest",
    "browsingLevel": 1,
    "withMeta": "true",
}


@dataclass
class Client:
    """Asks one sandbox over one session."""

    sandbox: Sandbox
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, params: Any = None, **more: Any) -> requests.Response:
        """The reply to GET /api/v1/<path>."""
        address = f"{self.sandbox.url}/api/v1/{path}"
        return self.session.get(address, params=params, timeout=10, **more)

    def page(self, **params: Any) -> Any:
        """The JSON of a page of the first version's images; None takes a parameter out."""
        reply = self.get("images", {**PARAMS, **params})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def ids(self, **params: Any) -> list[int]:
        """The ids on one page."""
        return [item["id"] for item in self.page(**params)["items"]]

    def walk(self, at_most: int = 60, **params: Any) -> list[list[int]]:
        """The ids of every page, following nextCursor to the end."""
        pages: list[list[int]] = []
        cursor = None
        while len(pages) < at_most:
            page = self.page(cursor=cursor, **params)
            pages.append([item["id"] for item in page["items"]])
            cursor = page["metadata"].get("nextCursor")
            if cursor is None:
                return pages
        return pages

    def control(self, order: str, **fields: Any) -> requests.Response:
        """The reply to an order under /_sandbox/."""
        return self.session.post(f"{self.sandbox.url}/_sandbox/{order}", json=fields, timeout=10)


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a new sandbox on the route FEED."""
    with Sandbox(SandboxOptions(seed=11)) as sandbox:
        asking = Client(sandbox)
        yield asking
        asking.session.close()


def flat(pages: list[list[int]]) -> list[int]:
    """The ids of all pages, one after another."""
    return [image_id for page in pages for image_id in page]
