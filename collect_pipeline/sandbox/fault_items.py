"""What item faults do to the items of a page and to its body. Knows nothing of when they strike."""

from copy import deepcopy
from typing import Any

Item = dict[str, Any]

_DEEP: list[Any] = []
for _ in range(199):
    _DEEP = [_DEEP]

_ODD_PROMPTS: tuple[Any, ...] = (
    42, True, None, ["76", 0], {"text": "a fox"}, "", " \t\n", "long fox, " * 100_000, _DEEP, 3.5, False,
)  # fmt: skip
_ODD_TEXTS = (
    "fox 👩‍🚀🍂 autumn",
    "zero\u200dwidth\u200cjoiners",
    "\u202eright to left\u202c, ثعلب",
    "e\u0301 combining a\u030a\u0323",
    "\ufefffox behind a mark",
    "nul \x00 inside",
    "lone \ud83d surrogate",
    "line\u2028separator\u2029here",
    "windows\r\nlines\r\n",
    "ｆｕｌｌ　ｗｉｄｔｈ",
)
_ODD_NUMBERS: tuple[Item, ...] = (
    {"seed": 18446744073709552000},
    {"seed": -1},
    {"seed": "1e400"},
    {"seed": "12345"},
    {"seed": 1.5e300, "steps": "28"},
    {"steps": -3, "cfgScale": "7"},
    {"comfy": '{"prompt": {"3": {"inputs": {"cfg": NaN, "seed": Infinity}}}}'},
    {"steps": 10**30, "clipSkip": None},
)
_BAD_BYTES = b"\xff\xc3\x28\xfe"


def odd_items(name: str, items: list[Any]) -> list[Any]:
    """Copies of `items` with the fault `name` (one of `faults.ITEM_FAULTS`) in them, by position."""
    return [_ODDITIES[name](deepcopy(item), position) for position, item in enumerate(items)]


def odd_cursor(next_cursor: str | int | None, number: int) -> Any:
    """Another form of a cursor: a number, null, empty text or an object, by the number of the request."""
    if next_cursor is None:
        return None
    first = str(next_cursor).split("|", maxsplit=1)[0]
    return (int(first), None, "", {"offset": int(first)})[number % 4]


def with_invalid_utf8(body: bytes) -> bytes:
    """`body` with bytes that are not UTF-8 at the start of its first prompt."""
    return body.replace(b'"prompt":"', b'"prompt":"' + _BAD_BYTES, 1)


def _innermost(item: Item) -> Item | None:
    meta = item.get("meta")
    while isinstance(meta, dict) and isinstance(meta.get("meta"), dict):
        meta = meta["meta"]
    return meta if isinstance(meta, dict) else None


def _odd_meta(item: Item, position: int) -> Item:
    meta = item.get("meta")
    nested = {"id": item.get("id"), "meta": meta}
    shapes: tuple[Any, ...] = (
        None, {"id": item.get("id"), "meta": None}, nested, {"id": item.get("id"), "meta": nested}, {},
        "Steps: 20, Sampler: Euler a", ["prompt", "a fox"], meta,
    )  # fmt: skip
    return item | {"meta": shapes[position % len(shapes)]}


def _odd_prompt(item: Item, position: int) -> Item:
    meta = _innermost(item)
    if meta is None:
        return item
    kind = position % (len(_ODD_PROMPTS) + 2)
    if kind < len(_ODD_PROMPTS):
        meta["prompt"] = _ODD_PROMPTS[kind]
    elif kind == len(_ODD_PROMPTS):
        meta.pop("prompt", None)
    else:
        meta |= {f"key {number}": number for number in range(50_000)}
    return item


def _odd_text(item: Item, position: int) -> Item:
    meta = _innermost(item)
    if meta is not None:
        meta["prompt"] = _ODD_TEXTS[position % len(_ODD_TEXTS)]
    return item


def _odd_number(item: Item, position: int) -> Item:
    meta = _innermost(item)
    if meta is not None:
        meta |= _ODD_NUMBERS[position % len(_ODD_NUMBERS)]
    return item


def _odd_item(item: Item, position: int) -> Any:
    without_id = {name: value for name, value in item.items() if name != "id"}
    without_stats = {name: value for name, value in item.items() if name not in {"stats", "username"}}
    shapes: tuple[Any, ...] = (
        without_id,
        item | {"id": str(item.get("id"))},
        item | {"id": 2**60 + position},
        item | {"id": None},
        without_stats,
        item | {"username": None, "modelVersionIds": None},
        item | {"createdAt": None, "somethingNew": {"a": [1]}},
        item | {"createdAt": "2025-06-01T10:00:00Z", "username": "unknown"},
        None,
        "an item",
        17,
        item | {"width": "832", "browsingLevel": None, "postId": None},
    )
    return shapes[position % len(shapes)]


_ODDITIES = {
    "odd-meta": _odd_meta,
    "odd-prompts": _odd_prompt,
    "odd-text": _odd_text,
    "odd-numbers": _odd_number,
    "odd-items": _odd_item,
}
