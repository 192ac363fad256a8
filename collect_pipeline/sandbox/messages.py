"""A request as received and a reply as it will be sent: what the parts of the sandbox hand to one another.

Knows nothing of sockets or of the API.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PUBLIC_CACHE = "public, s-maxage=300, stale-while-revalidate=150"
PRIVATE_CACHE = "max-age=0, private, no-cache"
JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=UTF-8"
TEXT_TYPE = "text/plain; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One request. `headers` has lower-case names; `pairs` is the query in the order sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of the query, decoded, in the order sent."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of each parameter."""
        found: dict[str, list[str]] = {}
        for name, value in self.pairs:
            found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True)
class Reply:
    """One reply. `wire` names how its bytes are sent; see `wire.WAYS`."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wire: str = "whole"


def json_reply(status: int, value: Any, cache: str = PUBLIC_CACHE, **headers: str) -> Reply:
    """A reply of the API: JSON written as JavaScript writes it, with the headers that its endpoints share."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(
        status=status,
        headers={"Content-Type": JSON_TYPE, "Cache-Control": cache, **api_headers(), **named},
        body=encode(value),
    )


def html_reply(status: int, page: str, **headers: str) -> Reply:
    """An HTML page, as the framework or Cloudflare sends it."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, {"Content-Type": HTML_TYPE, **named}, page.encode())


def api_headers() -> dict[str, str]:
    """What every endpoint of the API sends beside its content."""
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Allow-Methods": "GET",
        "X-Handled-By": "civitai-sandbox-6d9c7b-x2x4k",
    }


def encode(value: Any) -> bytes:
    """JSON without spaces, as UTF-8; a lone surrogate becomes an escape, as in `JSON.stringify`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text).encode()
