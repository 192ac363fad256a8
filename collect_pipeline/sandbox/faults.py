"""The faults that the sandbox can produce, how they are asked for, and when each of them strikes.

What a fault does is done elsewhere: `fault_replies`, `fault_items`, `images_endpoint` and `wire`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from collect_pipeline.sandbox.chance import seeded

REPLY_FAULTS = {
    "zod-400": "400 of the parameter schema, though the parameters are right",
    "bad-cursor-400": "400 `Invalid cursor`, as LEGACY answers a cursor of another route",
    "unauthorized-401": "401 `Unauthorized`",
    "challenge-403": "403 with Cloudflare's page `Just a moment...`",
    "not-found-404": "404 in JSON",
    "page-cap-429": "429 `You've requested too many pages`, permanent",
    "edge-429": "429 `error code: 1015` with Retry-After: 30",
    "edge-429-bare": "429 as an HTML page without Retry-After",
    "edge-429-date": "429 in JSON with Retry-After as an HTTP date",
    "region-451": "451 in JSON",
    "server-500": "500 statement timeout",
    "timeout-500": "500 `Request Timeout`, as older servers said",
    "plain-500": "500 as plain text",
    "gateway-502": "502 as plain text",
    "bulkhead-503": "503 `Server busy`, Retry-After: 2",
    "overloaded-503": "503 search overloaded, Retry-After: 2",
    "breaker-503": "the same, and for all requests of the 30 seconds after",
    "nginx-503": "503 as nginx's HTML page",
    "maintenance-503": "503 with the site's maintenance page",
    "gateway-504": "504 as plain text",
    "cloudflare-520": "520 as Cloudflare's HTML page",
    "cloudflare-522": "522 as Cloudflare's HTML page",
    "cloudflare-524": "524 as Cloudflare's HTML page",
    "cloudflare-524-text": "524 as `error code: 524`",
    "cloudflare-530": "530 as Cloudflare's HTML page",
    "maintenance-200": "200 with the site's maintenance page",
    "html-200": "200 with an HTML page",
    "empty-200": "200 without a body",
    "array-200": "200 with a JSON array",
    "null-200": "200 with `null`",
    "null-items": '200 with {"items":null}',
    "no-items": "200 with {}",
    "redirect": "302 to the same path on another origin, which answers an empty list",
}
PAGE_FAULTS = {
    "repeat-page": "a cursor answers page 1 again, with the same cursor as the next",
    "repeat-page-new": "a cursor answers page 1 again, with a new cursor",
    "cursor-cycle": "after seven pages, or at the end, the next cursor is the first again",
    "empty-page": "no items, but a cursor to the same place",
    "false-end": "no items and no cursor",
    "short-end": "half of the page and no cursor",
    "duplicates": "the page starts three rows early, as after new images at the head",
    "twice-in-page": "one image twice on the page",
    "skips": "the page starts three rows late, as after removals",
    "route-flip": "another search route answers (INDEX, or FEED when that is the route)",
    "ceiling": "the search engine gives N hits at most: ceiling:N",
    "filter-ignored": "the whole site's images for a valid id",
}
ITEM_FAULTS = {
    "odd-meta": "meta is null, nested once or twice, empty, a string or a list",
    "odd-prompts": "prompts that are numbers, lists, objects, absent, blank, of 1 MB, 200 deep; 50,000 keys",
    "odd-text": "emoji, joiners, right-to-left, NUL, lone surrogates, line separators in prompts",
    "invalid-utf8": "bytes that are not UTF-8 inside a prompt",
    "odd-items": "ids missing, as text or beyond 2**53, missing or null fields, items that are no objects",
    "odd-cursor": "nextCursor is a number, null, empty or an object, in turn",
    "odd-numbers": "seeds and steps out of range, as text, and beyond a double",
}
WIRE_FAULTS = {
    "late": "two seconds before the headers",
    "slow": "the body drips over two seconds",
    "stall": "half of the body, then nothing until the client gives up",
    "truncated": "Content-Length promises more than is sent",
    "truncated-chunked": "a chunked body without its end",
    "cut-text": "the right length, but the JSON stops half-way",
    "reset": "the connection is reset before the headers",
    "reset-body": "the connection is reset inside the body",
    "huge-body": "65 MiB of JSON, streamed",
    "gzip-bomb": "65 MiB of JSON, packed into a few kilobytes",
    "stale-copy": "the earlier reply for the same address, if it is not older than 450 seconds",
}
FAULTS: Mapping[str, str] = REPLY_FAULTS | PAGE_FAULTS | ITEM_FAULTS | WIRE_FAULTS
"""Every fault by name, with what it does."""

_SPEC = re.compile(r"(?P<name>[a-z0-9-]+)(:(?P<value>[0-9.]+))?(@(?P<first>\d+)(-(?P<last>\d+))?)?")


class FaultSpecError(Exception):
    """A fault specification that cannot be read; the message is one sentence for a person."""


@dataclass(frozen=True)
class Fault:
    """A fault and when it strikes: with probability `rate`, and only at requests `first` to `last` if given.

    `value` is the N of `ceiling:N`.
    """

    name: str
    rate: float = 1.0
    first: int | None = None
    last: int | None = None
    value: int | None = None


def read_faults(spec: str) -> list[Fault]:
    """Read `name[:rate][@number[-number]],…`. Raises FaultSpecError.

    Faults of replies and of the wire count all requests of the API, those of pages and items the requests of
    `/images`, both from 1 since the faults were set.
    """
    return [_read_fault(part.strip()) for part in spec.split(",") if part.strip()]


def _read_fault(text: str) -> Fault:
    found = _SPEC.fullmatch(text)
    if found is None:
        raise FaultSpecError(f"The fault {text!r} cannot be read; write name, name:0.1, name@3 or name@3-5.")
    name = found["name"]
    if name not in FAULTS:
        raise FaultSpecError(f"There is no fault {name!r}; the sandbox's --help lists them.")
    first = int(found["first"]) if found["first"] else None
    last = int(found["last"]) if found["last"] else first
    if name == "ceiling":
        if not (found["value"] or "").isdigit():
            raise FaultSpecError("The fault ceiling needs a number of hits, such as ceiling:1000.")
        return Fault(name, first=first, last=last, value=int(found["value"]))
    try:
        rate = float(found["value"] or 1)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise FaultSpecError(f"The rate of the fault {name} must be a number from 0 to 1, not {found['value']}.")
    return Fault(name, rate, first, last)


class FaultPlan:
    """The active faults; decides, the same for the same seed, which of them strike a request."""

    def __init__(self, spec: str, seed: int) -> None:
        self.spec = spec
        self._faults = read_faults(spec)
        self._seed = seed
        self._requests = 0
        self._image_requests = 0
        self._breaker_until_ms = 0
        self._cursors: dict[str, list[str | int]] = {}

    @property
    def image_requests(self) -> int:
        """How many requests of `/images` there were since the faults were set."""
        return self._image_requests

    def strike(self, for_images: bool, now_ms: int) -> dict[str, Fault]:
        """The faults that strike the next request, in the order they were given."""
        self._requests += 1
        self._image_requests += for_images
        struck = {fault.name: fault for fault in self._faults if self._strikes(fault, for_images)}
        if "breaker-503" in struck:
            self._breaker_until_ms = now_ms + 30_000
        elif now_ms < self._breaker_until_ms:
            struck["breaker-503"] = Fault("breaker-503")
        return struck

    def cycled(self, walk: str, next_cursor: str | int | None) -> str | int | None:
        """The cursor that `cursor-cycle` gives instead; `walk` tells one walk from another."""
        given = self._cursors.setdefault(walk, [])
        if next_cursor is not None and next_cursor not in given and len(given) < 7:
            given.append(next_cursor)
            return next_cursor
        if next_cursor in given and next_cursor is not None:
            return next_cursor
        return given[0] if given else None

    def _strikes(self, fault: Fault, for_images: bool) -> bool:
        of_images = fault.name in PAGE_FAULTS or fault.name in ITEM_FAULTS
        if of_images and not for_images:
            return False
        number = self._image_requests if of_images else self._requests
        if fault.first is not None and not fault.first <= number <= (fault.last or fault.first):
            return False
        return fault.rate >= 1 or seeded(self._seed, fault.name, number).random() < fault.rate
