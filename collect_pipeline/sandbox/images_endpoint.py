"""`GET /api/v1/images`: chooses the route, asks it for a page and writes the reply.

Source: `src/pages/api/v1/images/index.ts`. Knows nothing of sockets; faults may change what is asked and answered.
"""

from dataclasses import dataclass, replace
from typing import Any

from collect_pipeline.sandbox.catalogue import Catalogue, JsonObject
from collect_pipeline.sandbox.content import REPLAY_MODEL, REPLAY_VERSION
from collect_pipeline.sandbox.listing import (
    ROUTES,
    Ask,
    CursorError,
    ServerFailureError,
    cut_recorded,
    same_place,
)
from collect_pipeline.sandbox.messages import Reply, Request, json_reply
from collect_pipeline.sandbox.paging import PAGE_CAP, TOO_MANY_PAGES, next_page
from collect_pipeline.sandbox.parameters import ImageQuery, ZodError, read_image_query
from collect_pipeline.sandbox.presentation import Shape, image_item
from collect_pipeline.sandbox.selection import Selection

_NO_USER = {"error": "User not found", "code": "NOT_FOUND"}


@dataclass(frozen=True)
class Bend:
    """How faults bend a request before a route sees it."""

    search_route: str | None = None
    shift: int = 0
    ceiling: int | None = None
    everything: bool = False
    first_page: bool = False
    one_less: bool = False


STRAIGHT = Bend()


@dataclass(frozen=True)
class ImagePage:
    """A page about to be written: items, the cursor after it, and what else `metadata` is made of."""

    request: Request
    query: ImageQuery
    route: str
    items: list[Any]
    next_cursor: Any


class ImagesEndpoint:
    """The images of a catalogue, listed by whichever route the site would choose."""

    def __init__(self, catalogue: Catalogue, recorded: list[Any], seed: int) -> None:
        self._catalogue = catalogue
        self._recorded = recorded
        self._seed = seed
        self._selection = Selection(catalogue)

    def page(self, request: Request, search_route: str, now_ms: int, bend: Bend = STRAIGHT) -> ImagePage | Reply:
        """The page that `request` gets, or the reply when it gets none."""
        try:
            query = read_image_query(request.query)
        except ZodError as error:
            return json_reply(400, error.body())
        paging = query.page != 0 and query.cursor is None
        if paging and query.page * query.limit > PAGE_CAP:
            return json_reply(429, TOO_MANY_PAGES)
        route = chosen_route(query, bend.search_route or search_route)
        if route == "legacy" and query.sort == "Random":
            return json_reply(400, {"error": "Random sort requires a collectionId", "code": "BAD_REQUEST"})
        if query.username and route != "feed" and not self._has_user(query.username):
            return json_reply(404, _NO_USER)
        asked = replace(query, model_id=0, model_version_id=0) if bend.everything else query
        return self._ask_route(request, asked, route, now_ms, bend)

    def rows(self, query: ImageQuery, route: str, now_ms: int) -> list[int]:
        """The ids that `route` can show for `query`, in its order."""
        return [image.image_id for image in self._selection.rows(query, route, now_ms) if not image.withheld]

    def _ask_route(self, request: Request, query: ImageQuery, route: str, now_ms: int, bend: Bend) -> ImagePage | Reply:
        ask = Ask(
            sort=query.sort,
            limit=query.limit - 1 if bend.one_less and query.limit > 1 else query.limit,
            cursor=None if bend.first_page else query.cursor,
            page=query.page if route == "legacy" and query.cursor is None else 1,
            shift=bend.shift,
            ceiling=bend.ceiling,
        )
        if self._recorded and (query.model_version_id == REPLAY_VERSION or query.model_id == REPLAY_MODEL):
            items, following = cut_recorded(self._recorded, ask)
            return ImagePage(request, query, "feed", items, following)
        try:
            page = ROUTES[route](self._selection.rows(query, route, now_ms), ask)
        except CursorError as error:
            return json_reply(400, {"error": str(error), "code": "BAD_REQUEST"})
        except ServerFailureError as error:
            return json_reply(500, {"error": str(error)})
        nested = query.flat_meta is False or (query.flat_meta is None and route == "legacy")
        shape = Shape(route, query.with_meta, nested, query.with_tags)
        items = [image_item(image, shape, self._seed) for image in page.images]
        return ImagePage(request, query, route, items, page.next_cursor)

    def _has_user(self, username: str) -> bool:
        return any(image.username == username for image in self._catalogue.images.values())


def chosen_route(query: ImageQuery, search_route: str) -> str:
    """LEGACY for one image or a whole model, the search route for everything else."""
    if query.image_id or (query.model_id and not query.model_version_id):
        return "legacy"
    return search_route


def same_place_as(page: ImagePage, number: int) -> str:
    """Another cursor for the place where `page` begins; `number` makes it unlike others."""
    return same_place(page.route, page.query.sort, page.query.cursor, number)


def page_reply(page: ImagePage, *, cursor_always: bool = False) -> Reply:
    """The JSON of a page; without a next cursor and outside page mode `metadata` is empty.

    `cursor_always` writes `nextCursor` even when it is null, as the real site never does.
    """
    metadata = _metadata(page)
    if cursor_always:
        metadata["nextCursor"] = page.next_cursor
    return json_reply(200, {"items": page.items, "metadata": metadata})


def _metadata(page: ImagePage) -> JsonObject:
    """`nextCursor`, `currentPage`, `pageSize` and `nextPage`, each only where it has a value."""
    metadata: JsonObject = {}
    paging = page.query.page != 0 and page.query.cursor is None
    if page.next_cursor is not None:
        metadata["nextCursor"] = page.next_cursor
    if paging:
        metadata |= {"currentPage": page.query.page, "pageSize": page.query.limit}
    if page.next_cursor is not None:
        following = ("page", str(page.query.page + 1)) if paging else ("cursor", str(page.next_cursor))
        metadata["nextPage"] = next_page(page.request, following)
    return metadata
