"""`/_sandbox/…`: looking at and changing a running sandbox with plain HTTP and JSON.

Not part of CivitAI. Requests that come from a web page are refused, so that no page can change anything.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from collect_pipeline.sandbox.catalogue import UnknownIdError
from collect_pipeline.sandbox.faults import FAULTS, FaultSpecError
from collect_pipeline.sandbox.maturity import LEVELS
from collect_pipeline.sandbox.messages import PRIVATE_CACHE, Reply, Request, json_reply
from collect_pipeline.sandbox.site import PUBLISHED_AGO, Site

CONTROL_PATH = "/_sandbox/"

Order = Mapping[str, Any]


class OrderError(Exception):
    """An order that cannot be followed; the message is one sentence for a person."""


def control_reply(site: Site, request: Request) -> Reply:
    """Follow the order in `request`: 200 with what was done, 400 with a sentence, 403, 404 or 405."""
    if "origin" in request.headers:
        return _reply(403, {"error": "The sandbox takes no orders from web pages."})
    name = request.path.removeprefix(CONTROL_PATH)
    if name == "state" and request.method == "GET":
        return _reply(200, site.state())
    if name == "faults" and request.method == "GET":
        return _reply(200, dict(FAULTS))
    if name not in _ORDERS:
        known = ", ".join(("state", *_ORDERS))
        return _reply(404, {"error": f"The sandbox knows no order {name!r}; it knows {known}."})
    if request.method != "POST":
        return _reply(405, {"error": f"Send the order {name} with POST and a JSON object."})
    try:
        return _reply(200, _ORDERS[name](site, _order(request)))
    except (OrderError, UnknownIdError, FaultSpecError, ValueError) as error:
        return _reply(400, {"error": str(error)})


def _publish(site: Site, order: Order) -> Any:
    _only(order, "version_id", "count", "browsing_level", "age", "late", "without_meta")
    level = _integer(order, "browsing_level", 1)
    if level not in LEVELS:
        raise OrderError("browsing_level must be 1, 2, 4, 8 or 16.")
    count = _integer(order, "count", 1)
    if not 1 <= count <= 100_000:
        raise OrderError("count must be between 1 and 100000.")
    image_ids = site.publish(
        _integer(order, "version_id"),
        count,
        browsing_level=level,
        age=_number(order, "age", PUBLISHED_AGO),
        late=order.get("late") is True,
        without_meta=order.get("without_meta") is True,
    )
    return {"image_ids": image_ids}


def _remove(site: Site, order: Order) -> Any:
    site.remove(_image_ids(order))
    return {"removed": len(order["image_ids"])}


def _withhold(site: Site, order: Order) -> Any:
    site.withhold(_image_ids(order))
    return {"withheld": len(order["image_ids"])}


def _fill_meta(site: Site, order: Order) -> Any:
    site.fill_meta(_image_ids(order))
    return {"filled": len(order["image_ids"])}


def _edit(site: Site, order: Order) -> Any:
    image_ids = _image_ids(order, "prompt")
    if not isinstance(order.get("prompt"), str):
        raise OrderError("prompt must be a text.")
    site.edit(image_ids, order["prompt"])
    return {"edited": len(image_ids)}


def _set_route(site: Site, order: Order) -> Any:
    _only(order, "route")
    site.set_route(str(order.get("route")))
    return {"route": order["route"]}


def _set_faults(site: Site, order: Order) -> Any:
    _only(order, "spec")
    if not isinstance(order.get("spec"), str):
        raise OrderError('Write {"spec": "edge-429:0.1,truncated@3"}, or "" for no faults.')
    site.set_faults(order["spec"])
    return {"faults": order["spec"]}


def _clock(site: Site, order: Order) -> Any:
    _only(order, "set", "advance", "real")
    if len(order) != 1:
        raise OrderError('Write {"set": "2026-01-31T12:00:00Z"}, {"advance": 600} or {"real": true}.')
    if "set" in order:
        site.clock.set(datetime.fromisoformat(str(order["set"])))
    elif "advance" in order:
        site.clock.advance(_number(order, "advance", 0))
    else:
        site.clock.run_free()
    return {"now": site.clock.now().isoformat()}


_ORDERS: dict[str, Callable[[Site, Order], Any]] = {
    "publish": _publish,
    "remove": _remove,
    "withhold": _withhold,
    "fill-meta": _fill_meta,
    "edit": _edit,
    "set-route": _set_route,
    "faults": _set_faults,
    "clock": _clock,
}


def _reply(status: int, value: Any) -> Reply:
    return json_reply(status, value, PRIVATE_CACHE)


def _order(request: Request) -> Order:
    try:
        order = json.loads(request.body)
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise OrderError("The order must be a JSON object.")
    return order


def _only(order: Order, *names: str) -> None:
    unknown = sorted(set(order) - set(names))
    if unknown:
        raise OrderError(f"The order has no field {unknown[0]!r}; it has {', '.join(names)}.")


def _integer(order: Order, name: str, default: int | None = None) -> int:
    value = order.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise OrderError(f"{name} must be a whole number.")
    return value


def _number(order: Order, name: str, default: float) -> float:
    value = order.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise OrderError(f"{name} must be a number.")
    return value


def _image_ids(order: Order, *beside: str) -> list[int]:
    _only(order, "image_ids", *beside)
    image_ids = order.get("image_ids")
    if not isinstance(image_ids, list) or not all(isinstance(image_id, int) for image_id in image_ids):
        raise OrderError("image_ids must be a list of whole numbers.")
    return image_ids
