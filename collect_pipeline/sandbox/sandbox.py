"""The sandbox as one thing: its state, what happens to it, and the thread that serves it.

Everything that reads or changes the state goes through here and waits for its turn.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from collect_pipeline.sandbox.catalogue import Catalogue, Image, Recipe
from collect_pipeline.sandbox.clock import Clock
from collect_pipeline.sandbox.content import ImageMaker, galleries, models
from collect_pipeline.sandbox.images_endpoint import ImagesEndpoint, page_reply
from collect_pipeline.sandbox.messages import Reply, Request, html_reply
from collect_pipeline.sandbox.models_endpoints import ModelsEndpoints
from collect_pipeline.sandbox.options import SEARCH_ROUTES, SandboxOptions
from collect_pipeline.sandbox.parameters import read_image_query
from collect_pipeline.sandbox.server import SandboxServer

PUBLISH_AGE = 300.0
_KEPT_REQUESTS = 10_000


@dataclass(frozen=True)
class LoggedRequest:
    """One request that the API received. `headers` has lower-case names."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]


class Sandbox:
    """An offline CivitAI on 127.0.0.1 that serves while the `with` block lasts."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.clock = Clock(self.options.clock)
        self.catalogue = Catalogue()
        self._maker = ImageMaker(self.options.seed)
        self._turn = threading.RLock()
        self._route = self.options.route
        self._log: deque[LoggedRequest] = deque(maxlen=_KEPT_REQUESTS)
        self._fill()
        self._images = ImagesEndpoint(self.catalogue, self.options.seed)
        self._models = ModelsEndpoints(self.catalogue, self.options.seed)
        self._server: SandboxServer | None = None

    def __enter__(self) -> Self:
        self._server = SandboxServer(self.options.port, self.answer, self.options.latency)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()

    @property
    def url(self) -> str:
        """Where it serves, such as http://127.0.0.1:3111."""
        if self._server is None:
            raise RuntimeError("The sandbox serves only inside its with block.")
        return self._server.url

    @property
    def requests(self) -> list[LoggedRequest]:
        """The requests so far, oldest first; the last ten thousand are kept."""
        return list(self._log)

    def publish(self, version_id: int, count: int, *, browsing_level: int = 1, age: float = PUBLISH_AGE,
                late: bool = False) -> list[int]:  # fmt: skip
        """Publish `count` images under a version and return their ids, oldest first.

        age: seconds since publication; below 300 the visibility delay of FEED may hide them for a while.
        late: they were uploaded 30 days before, so their ids are old.
        """
        with self._turn:
            self.catalogue.version(version_id)
            newest = max((image.published_ms for image in self.catalogue.images_of_version(version_id)), default=0)
            first = self.clock.now_ms() - round(age * 1000)
            if age <= PUBLISH_AGE:
                first = max(first, newest + 1)
            images = [
                self._maker.image(
                    self.catalogue,
                    version_id,
                    first + position,
                    browsing_level,
                    Recipe("webui", 1_000_000 + len(self.catalogue.images) + position // 2),
                    username="harrow_ink",
                    post_id=28_000_000 + self.catalogue.revision,
                    uploaded_ms=first - 30 * 86_400_000 if late else first - 60_000,
                    alone=True,
                )
                for position in range(count)
            ]
            self.catalogue.add_images(images)
            return [image.image_id for image in images]

    def remove(self, image_ids: Iterable[int]) -> None:
        """Delete images."""
        with self._turn:
            self.catalogue.remove_images(list(image_ids))

    def visible_ids(self, version_id: int, browsing_level: int = 1) -> list[int]:
        """The ids that a complete walk of a version can find now, oldest first."""
        query = read_image_query({"modelVersionId": [str(version_id)], "sort": ["Oldest"]})
        with self._turn:
            self.catalogue.version(version_id)
            asked = replace(query, browsing_level=browsing_level)
            return self._images.rows(asked, self._route, self.clock.now_ms())

    def set_route(self, route: str) -> None:
        """Let another part of the site answer searches; see `options.SEARCH_ROUTES`."""
        if route not in SEARCH_ROUTES:
            raise ValueError(f"There is no route {route!r}; use one of {', '.join(SEARCH_ROUTES)}.")
        with self._turn:
            self._route = route

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        params = dict(request.pairs)
        with self._turn:
            self._log.append(LoggedRequest(request.method, request.path, params, dict(request.headers)))
            return self._api(request)

    def _api(self, request: Request) -> Reply:
        parts = [unquote(part) for part in request.path.strip("/").split("/")]
        match parts:
            case ["api", "v1", "images"]:
                page = self._images.page(request, self._route, self.clock.now_ms())
                return page if isinstance(page, Reply) else page_reply(page)
            case ["api", "v1", "models", given]:
                return self._models.model(request, given)
            case ["api", "v1", "model-versions", "mini", given]:
                return self._models.mini_version(request, given)
            case ["api", "v1", "model-versions", "by-hash", given]:
                return self._models.version_by_hash(request, given)
            case ["api", "v1", "model-versions", given]:
                return self._models.version(request, given)
            case ["api", "v1", "me"]:
                return self._models.me(request)
            case _:
                return html_reply(
                    404, "<!DOCTYPE html><html><head><title>404: This page could not be found</title></head></html>"
                )

    def _fill(self) -> None:
        for model in models():
            self.catalogue.add_model(model)
        for gallery in galleries(self.options.images):
            images: list[Image] = list(self._maker.gallery(self.catalogue, gallery))
            self.catalogue.add_images(images)
