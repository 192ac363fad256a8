"""The replies that some faults put in place of the API's. Knows nothing of when they strike."""

from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from collect_pipeline.sandbox.clock import Clock
from collect_pipeline.sandbox.messages import TEXT_TYPE, Reply, Request, api_headers, html_reply, json_reply

ELSEWHERE = "/elsewhere"
"""Where `redirect` leads, on an origin that is not the one asked."""

_OVERLOADED = {
    "error": "Image search is temporarily overloaded — please retry.",
    "code": "SERVICE_UNAVAILABLE",
}
_ZOD = (
    "[\n  {\n"
    '    "origin": "number",\n    "code": "too_big",\n    "maximum": 200,\n    "inclusive": true,\n'
    '    "path": [\n      "limit"\n    ],\n    "message": "Too big: expected number to be <=200"\n'
    "  }\n]"
)
_REGION = {
    "error": "Access to this service is not available in your region due to legal restrictions.",
    "code": "REGION_BLOCKED",
}
_JSON_ERRORS: dict[str, tuple[int, object]] = {
    "zod-400": (400, {"error": {"name": "ZodError", "message": _ZOD}}),
    "bad-cursor-400": (
        400,
        {"error": "Invalid cursor: expected 1 value(s) for this sort, received 2", "code": "BAD_REQUEST"},
    ),
    "unauthorized-401": (401, {"error": "Unauthorized"}),
    "not-found-404": (404, {"error": "Model not found"}),
    "page-cap-429": (429, {"error": "You've requested too many pages, please use cursors instead"}),
    "region-451": (451, _REGION),
    "server-500": (500, {"error": "canceling statement due to statement timeout", "code": "57014"}),
    "timeout-500": (500, {"error": "Request Timeout"}),
    "array-200": (200, []),
    "null-200": (200, None),
    "null-items": (200, {"items": None}),
    "no-items": (200, {}),
}
_TEXTS = {
    "plain-500": (500, "Internal Server Error"),
    "gateway-502": (502, "Bad Gateway"),
    "gateway-504": (504, "Gateway Timeout"),
    "cloudflare-524-text": (524, "error code: 524"),
}
_CLOUDFLARE_TITLES = {
    520: "Web server is returning an unknown error",
    522: "Connection timed out",
    524: "A timeout occurred",
    530: "Error 1016",
}
_MAINTENANCE = "We're adjusting a few things, be back in a few minutes..."


def fault_reply(name: str, request: Request, clock: Clock) -> Reply:
    """The reply of the fault `name`, one of `faults.REPLY_FAULTS`."""
    if name in _JSON_ERRORS:
        status, value = _JSON_ERRORS[name]
        return json_reply(status, value)
    if name in _TEXTS:
        status, text = _TEXTS[name]
        return Reply(status, {"Content-Type": TEXT_TYPE}, text.encode())
    if name.startswith("edge-429"):
        return _edge_limit(name, clock)
    if name in {"bulkhead-503", "overloaded-503", "breaker-503"}:
        value = {"error": "Server busy, please retry shortly."} if name == "bulkhead-503" else _OVERLOADED
        return json_reply(503, value, "no-store", Retry_After="2")
    if name == "redirect":
        return _redirect(request)
    if name == "empty-200":
        return Reply(200, {"Content-Type": "application/json; charset=utf-8", **api_headers()})
    return _page(name)


def _edge_limit(name: str, clock: Clock) -> Reply:
    if name == "edge-429":
        return Reply(429, {"Content-Type": TEXT_TYPE, "Retry-After": "30"}, b"error code: 1015")
    if name == "edge-429-bare":
        title = "Access denied | civitai.com used Cloudflare to restrict access"
        return html_reply(429, _html(title, "Error 1015 You are being rate limited"))
    at = format_datetime(clock.now() + timedelta(seconds=30), usegmt=True)
    return Reply(429, {"Content-Type": "application/json", "Retry-After": at}, b'{"retry_after":30}')


def _redirect(request: Request) -> Reply:
    """To the same path behind `ELSEWHERE`, on the loopback name that was not used: another origin."""
    host = urlsplit(f"//{request.headers.get('host', '127.0.0.1')}")
    name = "127.0.0.1" if host.hostname == "localhost" else "localhost"
    return Reply(302, {"Location": f"http://{name}:{host.port or 80}{ELSEWHERE}{request.target}"})


def _page(name: str) -> Reply:
    word, _, number = name.rpartition("-")
    status = int(number)
    if word == "challenge":
        page = _html("Just a moment...", "Enable JavaScript and cookies to continue")
        return html_reply(status, page, cf_mitigated="challenge")
    if word == "cloudflare":
        title = _CLOUDFLARE_TITLES[status]
        return html_reply(status, _html(f"civitai.com | {status}: {title}", f"{title} Error code {status}"))
    if word == "maintenance":
        return html_reply(status, _html("Civitai", _MAINTENANCE))
    if word == "nginx":
        title = "503 Service Temporarily Unavailable"
        return html_reply(status, f"<html><head><title>{title}</title></head><body>{title}<hr>nginx</body></html>")
    return html_reply(status, _html("Civitai", "Images"))


def _html(title: str, text: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en-US"><head><title>{title}</title><meta charset="UTF-8"></head>\n'
        f"<body><h1>{text}</h1></body></html>\n"
    )
