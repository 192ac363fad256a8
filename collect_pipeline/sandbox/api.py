"""The API as a client meets it: finds the endpoint of a request and lets the active faults have their way.

Knows nothing of sockets; how a reply's bytes are to be broken is only named in it.
"""

import hashlib
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from collect_pipeline.sandbox.catalogue import Catalogue
from collect_pipeline.sandbox.clock import Clock
from collect_pipeline.sandbox.edge_cache import EdgeCache
from collect_pipeline.sandbox.fault_items import odd_cursor, odd_items, with_invalid_utf8
from collect_pipeline.sandbox.fault_replies import ELSEWHERE, fault_reply
from collect_pipeline.sandbox.faults import ITEM_FAULTS, REPLY_FAULTS, Fault, FaultPlan
from collect_pipeline.sandbox.images_endpoint import Bend, ImagePage, ImagesEndpoint, page_reply, same_place_as
from collect_pipeline.sandbox.messages import Reply, Request, html_reply, json_reply
from collect_pipeline.sandbox.models_endpoints import ModelsEndpoints
from collect_pipeline.sandbox.wire import WAYS

IMAGES_PATH = "/api/v1/images"
_NOT_FOUND = (
    '<!DOCTYPE html><html><head><title>404: This page could not be found</title></head><body id="__next">'
    "<h1>404</h1><h2>This page could not be found.</h2></body></html>"
)
_ROWS_SHIFTED = 3

Struck = dict[str, Fault]


class Api:
    """Endpoints, faults and edge cache over one catalogue. `search_route` and `faults` may be replaced any time."""

    def __init__(self, catalogue: Catalogue, recorded: list[Any], seed: int, clock: Clock) -> None:
        self.images = ImagesEndpoint(catalogue, recorded, seed)
        self._models = ModelsEndpoints(catalogue, seed)
        self._clock = clock
        self._edge = EdgeCache()
        self.search_route = "feed"
        self.faults = FaultPlan("", seed)

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        if request.path.startswith(ELSEWHERE):
            return json_reply(200, {"items": [], "metadata": {}})
        if not request.path.startswith("/api/v1/"):
            return html_reply(404, _NOT_FOUND)
        now_ms = self._clock.now_ms()
        struck = self.faults.strike(request.path == IMAGES_PATH, now_ms)
        kept = self._edge.copy(request.target, now_ms) if "stale-copy" in struck else None
        if kept is not None:
            return kept
        reply = self._fresh(request, struck, now_ms)
        self._edge.keep(request.target, reply, now_ms)
        way = next((name for name in struck if name in WAYS), "whole")
        return replace(_revalidated(request, reply), wire=way)

    def _fresh(self, request: Request, struck: Struck, now_ms: int) -> Reply:
        instead = next((name for name in struck if name in REPLY_FAULTS), None)
        if instead is not None:
            return fault_reply(instead, request, self._clock)
        if request.path == IMAGES_PATH:
            return self._images_reply(request, struck, now_ms)
        return self._endpoint(request)

    def _endpoint(self, request: Request) -> Reply:
        parts = [unquote(part) for part in request.path.removeprefix("/api/v1/").split("/")]
        match parts:
            case ["models"]:
                return self._models.models(request)
            case ["models", given]:
                return self._models.model(request, given)
            case ["model-versions", "mini", given]:
                return self._models.mini_version(request, given)
            case ["model-versions", "by-hash", given]:
                return self._models.version_by_hash(request, given)
            case ["model-versions", given]:
                return self._models.version(request, given)
            case ["me"]:
                return self._models.me(request)
            case _:
                return html_reply(404, _NOT_FOUND)

    def _images_reply(self, request: Request, struck: Struck, now_ms: int) -> Reply:
        page = self.images.page(request, self.search_route, now_ms, self._bend(struck))
        if isinstance(page, Reply):
            return page
        page = self._faulty_page(page, struck, now_ms)
        for name in struck:
            if name in ITEM_FAULTS and name not in {"odd-cursor", "invalid-utf8"}:
                page = replace(page, items=odd_items(name, page.items))
        if "odd-cursor" in struck:
            page = replace(page, next_cursor=odd_cursor(page.next_cursor, self.faults.image_requests))
            return page_reply(page, cursor_always=True)
        reply = page_reply(page)
        return replace(reply, body=with_invalid_utf8(reply.body)) if "invalid-utf8" in struck else reply

    def _bend(self, struck: Struck) -> Bend:
        shift = -_ROWS_SHIFTED if "duplicates" in struck else _ROWS_SHIFTED if "skips" in struck else 0
        flipped = "feed" if self.search_route != "feed" else "index"
        return Bend(
            search_route=flipped if "route-flip" in struck else None,
            shift=shift,
            ceiling=struck["ceiling"].value if "ceiling" in struck else None,
            everything="filter-ignored" in struck,
            one_less="twice-in-page" in struck,
        )

    def _faulty_page(self, page: ImagePage, struck: Struck, now_ms: int) -> ImagePage:
        """The page after the faults that change which items and which cursor it carries."""
        if "twice-in-page" in struck and page.items:
            page = replace(page, items=[*page.items, deepcopy(page.items[0])])
        if page.query.cursor is not None and ("repeat-page" in struck or "repeat-page-new" in struck):
            first = self.images.page(page.request, page.route, now_ms, Bend(first_page=True))
            if isinstance(first, ImagePage):
                again = page.query.cursor if "repeat-page" in struck else page.next_cursor
                page = replace(first, next_cursor=again)
        if "cursor-cycle" in struck:
            page = replace(page, next_cursor=self.faults.cycled(repr(_walk(page)), page.next_cursor))
        if "empty-page" in struck:
            page = replace(page, items=[], next_cursor=same_place_as(page, self.faults.image_requests))
        if "false-end" in struck:
            page = replace(page, items=[], next_cursor=None)
        if "short-end" in struck:
            page = replace(page, items=page.items[: len(page.items) // 2], next_cursor=None)
        return page


def _walk(page: ImagePage) -> object:
    return replace(page.query, cursor=None, page=0)


def _revalidated(request: Request, reply: Reply) -> Reply:
    """With an ETag, and without a body when the client already has this one, as the framework does."""
    if reply.status != 200 or "application/json" not in reply.headers.get("Content-Type", ""):
        return reply
    etag = f'W/"{hashlib.sha256(reply.body).hexdigest()[:27]}"'
    headers = {**reply.headers, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Reply(304, {name: text for name, text in headers.items() if name != "Content-Type"})
    return replace(reply, headers=headers)
