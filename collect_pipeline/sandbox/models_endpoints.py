"""`/api/v1/models`, `/models/{id}`, `/model-versions/…` and `/me`. Knows nothing of images' pages or of sockets.

Source: `src/pages/api/v1/models/`, `src/pages/api/v1/model-versions/`, `src/pages/api/v1/me.ts`.
"""

import math

from collect_pipeline.sandbox.catalogue import Catalogue, Image, Model, Version
from collect_pipeline.sandbox.messages import PRIVATE_CACHE, PUBLIC_CACHE, Reply, Request, json_reply
from collect_pipeline.sandbox.model_listing import list_models, read_model_query
from collect_pipeline.sandbox.model_presentation import has_hash, mini_object, model_object, version_object
from collect_pipeline.sandbox.paging import PAGE_CAP, TOO_MANY_PAGES
from collect_pipeline.sandbox.parameters import ZodError, javascript_number

API_KEY = "sandbox-key"
"""The key that `/me` accepts."""
INT4_MAX = 2_147_483_647
_HASH_CACHE = "public, s-maxage=3600, stale-while-revalidate=1800"


class ModelsEndpoints:
    """The models and versions of a catalogue."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._catalogue = catalogue
        self._seed = seed

    def models(self, request: Request) -> Reply:
        """`/models`: filters, a few orders and cursors of `thumbs|downloads|id`; with `query` an offset."""
        if request.method != "GET":
            return json_reply(405, {"error": "Method not allowed"}, mixed_cache(request))
        if {"favorites", "hidden"} & set(request.query) and not has_session(request):
            return json_reply(401, {"error": "Unauthorized"})
        try:
            ask = read_model_query(request.query)
        except ZodError as error:
            return json_reply(400, error.body(), mixed_cache(request))
        if ask.page and ask.text:
            problem = "Cannot use page param with query search. Use cursor-based pagination."
            return json_reply(400, {"error": problem}, mixed_cache(request))
        if ask.page * ask.limit > PAGE_CAP:
            return json_reply(429, TOO_MANY_PAGES, mixed_cache(request))
        found, metadata = list_models(list(self._catalogue.models.values()), ask, request)
        items = [self._model_object(model, request) for model in found]
        return json_reply(200, {"items": items, "metadata": metadata}, mixed_cache(request))

    def model(self, request: Request, given: str) -> Reply:
        """`/models/{id}`; a public endpoint, so any method will do."""
        problem = _id_problem(given, lowest=1)
        if problem:
            return json_reply(400, {"error": problem})
        model_id = int(javascript_number(given))
        if model_id not in self._catalogue.models:
            return json_reply(404, {"error": f"No model with id {model_id}"})
        return json_reply(200, self._model_object(self._catalogue.models[model_id], request))

    def version(self, request: Request, given: str) -> Reply:
        """`/model-versions/{id}`."""
        if request.method != "GET":
            return json_reply(405, {"error": "Method not allowed"}, mixed_cache(request))
        if javascript_number(given) == 0:
            return json_reply(400, {"error": "Missing modelVersionId"}, mixed_cache(request))
        problem = _id_problem(given)
        if problem:
            return json_reply(400, {"error": problem}, mixed_cache(request))
        version_id = int(javascript_number(given))
        if abs(version_id) > INT4_MAX:
            return json_reply(500, {"error": "Failed to fetch model version details"}, mixed_cache(request))
        version = self._rated(version_id)
        if version is None:
            return json_reply(404, {"error": "Model not found"}, mixed_cache(request))
        return json_reply(200, self._version_object(version, request), mixed_cache(request))

    def mini_version(self, request: Request, given: str) -> Reply:
        """`/model-versions/mini/{id}`."""
        problem = _id_problem(given)
        version = None if problem else self._rated(int(javascript_number(given)))
        if problem or version is None:
            return json_reply(400 if problem else 404, {"error": problem or "Model not found"}, mixed_cache(request))
        model = self._catalogue.models[version.model_id]
        return json_reply(200, mini_object(version, model, _host(request)), mixed_cache(request))

    def version_by_hash(self, request: Request, given: str) -> Reply:
        """`/model-versions/by-hash/{hash}`."""
        for version in self._catalogue.versions.values():
            if version.nsfw_level and has_hash(version, given):
                return json_reply(200, self._version_object(version, request), _HASH_CACHE)
        return json_reply(404, {"error": "Model not found"}, _HASH_CACHE)

    def me(self, request: Request) -> Reply:
        """`/me`: the only place where a bad key is refused."""
        if request.method != "GET":
            return json_reply(405, {"error": "Method not allowed"}, PRIVATE_CACHE)
        if not has_session(request):
            return json_reply(401, {"error": "Unauthorized"}, PRIVATE_CACHE)
        me = {"id": 5_000_123, "username": "sandbox_visitor", "tier": "free", "status": "active", "isMember": False}
        return json_reply(200, me, PRIVATE_CACHE)

    def _model_object(self, model: Model, request: Request) -> dict[str, object]:
        galleries = {version.version_id: self._gallery(version.version_id) for version in model.versions}
        return model_object(model, galleries, _host(request), self._seed)

    def _version_object(self, version: Version, request: Request) -> dict[str, object]:
        model = self._catalogue.models[version.model_id]
        return version_object(version, model, self._gallery(version.version_id), _host(request), self._seed)

    def _gallery(self, version_id: int) -> list[Image]:
        return [image for image in self._catalogue.images_of_version(version_id) if not image.withheld]

    def _rated(self, version_id: int) -> Version | None:
        version = self._catalogue.versions.get(version_id)
        return version if version and version.nsfw_level else None


def has_session(request: Request) -> bool:
    """Whether the key is good. `?token=` is read only without an Authorization header."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return request.query.get("token") == [API_KEY]
    scheme, _, key = authorization.partition(" ")
    return scheme.lower() == "bearer" and key.strip() == API_KEY


def mixed_cache(request: Request) -> str:
    """Cache-Control of endpoints that look at the session: private as soon as there is one."""
    return PRIVATE_CACHE if has_session(request) else PUBLIC_CACHE


def _host(request: Request) -> str:
    return request.headers.get("host", "127.0.0.1")


def _id_problem(given: str, lowest: int | None = None) -> str | None:
    number = javascript_number(given)
    if not math.isfinite(number):
        received = "NaN" if math.isnan(number) else "Infinity"
        return f"✖ Invalid input: expected number, received {received}\n  → at id"
    if number != int(number):
        return "✖ Invalid input: expected int, received number\n  → at id"
    if lowest is not None and number < lowest:
        return f"✖ Too small: expected number to be >{lowest - 1}\n  → at id"
    if lowest is not None and number > INT4_MAX:
        return f"✖ Too big: expected number to be <={INT4_MAX}\n  → at id"
    return None
