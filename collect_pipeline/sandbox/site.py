"""The site while it runs: its content, its clock, what can happen to it, and the log of what was asked.

Everything that reads or changes the state goes through here and waits for its turn. Knows nothing of sockets.
"""

import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collect_pipeline.sandbox.api import Api
from collect_pipeline.sandbox.catalogue import Catalogue, JsonObject, Recipe
from collect_pipeline.sandbox.clock import Clock, iso
from collect_pipeline.sandbox.content import REPLAY_VERSION, galleries, models, replay_model
from collect_pipeline.sandbox.faults import FaultPlan
from collect_pipeline.sandbox.image_maker import ImageMaker
from collect_pipeline.sandbox.maturity import LEVELS
from collect_pipeline.sandbox.messages import Reply, Request
from collect_pipeline.sandbox.options import SEARCH_ROUTES, SandboxOptions
from collect_pipeline.sandbox.parameters import read_image_query
from collect_pipeline.sandbox.recorded import read_pages, read_prompts

PUBLISHED_AGO = 330.0
"""Seconds; old enough that no route hides the image any more."""
_LATE_MS = 30 * 86_400_000
_KEPT_REQUESTS = 10_000


@dataclass(frozen=True)
class LoggedRequest:
    """One request and the status it got. `headers` has lower-case names; of repeated params the last counts."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status: int


class Site:
    """The state of an offline CivitAI. Raises SandboxFileError or FaultSpecError for options that do not work."""

    def __init__(self, options: SandboxOptions) -> None:
        self.clock = Clock(options.clock)
        self._seed = options.seed
        self._catalogue = Catalogue()
        self._maker = ImageMaker(options.seed)
        self._recorded: list[Any] = read_pages(options.replay)
        self._fill(options)
        self._api = Api(self._catalogue, self._recorded, options.seed, self.clock)
        self._turn = threading.RLock()
        self._log: deque[LoggedRequest] = deque(maxlen=_KEPT_REQUESTS)
        self._published = 0
        self.set_route(options.route)
        self.set_faults(options.faults)

    @property
    def requests(self) -> list[LoggedRequest]:
        """The requests so far, oldest first; the last ten thousand are kept."""
        return list(self._log)

    def publish(
        self,
        version_id: int,
        count: int,
        *,
        browsing_level: int = 1,
        age: float = PUBLISHED_AGO,
        late: bool = False,
        without_meta: bool = False,
    ) -> list[int]:
        """Publish `count` images under a version, in pairs that share a prompt; their ids, oldest first.

        age: seconds since publication. Below 300, FEED hides them for a while; by default every route shows
            them at once, after all images that the version had.
        late: they were uploaded 30 days before, so their ids are old.
        without_meta: their metadata is null until `fill_meta`.

        Raises UnknownIdError.
        """
        with self._turn:
            self._catalogue.version(version_id)
            first_ms = self._first_moment(version_id, count, age)
            shape = "hidden" if without_meta else "webui"
            images = [
                self._maker.image(
                    self._catalogue,
                    version_id,
                    first_ms + position,
                    browsing_level,
                    Recipe(shape, 1_000_000 + (self._published + position) // 2),
                    username="harrow_ink",
                    post_id=28_000_000 + self._published,
                    uploaded_ms=first_ms - (_LATE_MS if late else 60_000),
                    alone=True,
                )
                for position in range(count)
            ]
            self._published += count
            self._catalogue.add_images(images)
            return [image.image_id for image in images]

    def remove(self, image_ids: Iterable[int]) -> None:
        """Delete images. Raises UnknownIdError."""
        with self._turn:
            self._catalogue.remove_images(list(image_ids))

    def withhold(self, image_ids: Iterable[int]) -> None:
        """Leave images in the index but show them no more, as after a report. Raises UnknownIdError."""
        with self._turn:
            for image in self._catalogue.images_by_id(image_ids):
                image.withheld = True
            self._catalogue.revision += 1

    def fill_meta(self, image_ids: Iterable[int]) -> None:
        """Give images that had none their metadata. Raises UnknownIdError."""
        with self._turn:
            for image in self._catalogue.images_by_id(image_ids):
                if image.recipe.shape == "hidden":
                    image.recipe = replace(image.recipe, shape="webui")
            self._catalogue.revision += 1

    def edit(self, image_ids: Iterable[int], prompt: str) -> None:
        """Let the makers of images write another prompt, without a negative one. Raises UnknownIdError."""
        with self._turn:
            for image in self._catalogue.images_by_id(image_ids):
                image.recipe = replace(image.recipe, shape="webui", text=(prompt, ""))
            self._catalogue.revision += 1

    def visible_ids(self, version_id: int, browsing_level: int = 1) -> list[int]:
        """The ids that a complete walk of a version can find now, oldest first. Raises UnknownIdError."""
        with self._turn:
            self._catalogue.version(version_id)
            if version_id == REPLAY_VERSION:
                return [item["id"] for item in self._recorded if isinstance(item, dict) and "id" in item]
            query = read_image_query({"modelVersionId": [str(version_id)], "sort": ["Oldest"]})
            asked = replace(query, browsing_level=browsing_level)
            return self._api.images.rows(asked, self._api.search_route, self.clock.now_ms())

    def set_route(self, route: str) -> None:
        """Let another part of the site answer searches: one of `options.SEARCH_ROUTES`, else ValueError."""
        if route not in SEARCH_ROUTES:
            raise ValueError(f"There is no route {route!r}; use one of {', '.join(SEARCH_ROUTES)}.")
        with self._turn:
            self._api.search_route = route

    def set_faults(self, spec: str) -> None:
        """Replace the active faults; counting of requests starts anew. Raises FaultSpecError."""
        plan = FaultPlan(spec, self._seed)
        with self._turn:
            self._api.faults = plan

    def answer(self, request: Request) -> Reply:
        """The API's reply to one request, which is logged."""
        with self._turn:
            reply = self._api.answer(request)
            params = dict(request.pairs)
            headers = dict(request.headers)
            self._log.append(LoggedRequest(request.method, request.path, params, headers, reply.status))
            return reply

    def state(self) -> JsonObject:
        """What there is now, as JSON: models, versions with their visible ids by level, counts of requests."""
        with self._turn:
            return {
                "now": iso(self.clock.now_ms()),
                "route": self._api.search_route,
                "faults": self._api.faults.spec,
                "models": [self._model_state(model_id) for model_id in self._catalogue.models],
                "requests": {
                    "total": len(self._log),
                    "by_path": dict(Counter(entry.path for entry in self._log)),
                    "by_status": dict(Counter(str(entry.status) for entry in self._log)),
                },
            }

    def _model_state(self, model_id: int) -> JsonObject:
        model = self._catalogue.models[model_id]
        versions = [
            {
                "id": version.version_id,
                "name": version.name,
                "base_model": version.base_model,
                "visible": {str(level): self.visible_ids(version.version_id, level) for level in LEVELS},
            }
            for version in model.versions
        ]
        return {"id": model.model_id, "name": model.name, "type": model.model_type, "versions": versions}

    def _first_moment(self, version_id: int, count: int, age: float) -> int:
        first_ms = self.clock.now_ms() - round(age * 1000) - count
        if age > PUBLISHED_AGO:
            return first_ms
        gallery = self._catalogue.images_of_version(version_id)
        return max(first_ms, max((image.published_ms for image in gallery), default=0) + 1)

    def _fill(self, options: SandboxOptions) -> None:
        for model in models():
            self._catalogue.add_model(model)
        if self._recorded:
            self._catalogue.add_model(replay_model())
        first, *others = galleries(options.images)
        if options.prompts is None:
            self._catalogue.add_images(self._maker.gallery(self._catalogue, first))
        else:
            prompts = read_prompts(options.prompts)
            self._catalogue.add_images(self._maker.prompted(self._catalogue, first, prompts))
        for gallery in others:
            self._catalogue.add_images(self._maker.gallery(self._catalogue, gallery))
