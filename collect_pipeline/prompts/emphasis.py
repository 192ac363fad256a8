"""How much weight each character of a prompt has: brackets and numbers, as the tools that make images read them.

Rules after AUTOMATIC1111's documentation of attention ('(x)' 1.1, '[x]' 1/1.1, '(x:1.2)', a bracket that nobody closed
reaches to the end), NovelAI's ('{x}' 1.05, '1.2::x::') and compel's ('(x)1.2', '(x)++'). Knows nothing of segments.
"""

import math
import re
from itertools import accumulate

_FACTORS = {"(": 1.1, "[": 1 / 1.1, "{": 1.05}
_OPENING = {")": "(", "]": "[", "}": "{"}
_BRACKET_OR_ESCAPE = re.compile(r"\\.|[()\[\]{}|:]")
_NUMBER_BEFORE = re.compile(r":+ *([+-]?[0-9]*[.,]? ?[0-9]*)[.%]? *$")
_SUFFIX = re.compile(r"[0-9]?\.[0-9]+|\++|--+")
_NUMERICAL = re.compile(r"(?:^|[ ,(])(-?[0-9]*\.?[0-9]+)::(.*?)(?:::|$)")

# Beyond this no tool makes a picture; it keeps a thousand brackets from overflowing.
_LARGEST = 100.0


def character_weights(text: str) -> list[float]:
    """One weight per character, 1.0 where nothing is said; at most 100 and at least -100."""
    ranges = [*_bracket_ranges(text), *_numerical_ranges(text)]
    if not ranges:
        return [1.0] * len(text)
    # A product over nested ranges, as running sums: logarithms, how many factors are zero, how many are negative.
    logarithms, zeros, negatives = ([0.0] * (len(text) + 1) for _ in range(3))
    for start, end, factor in ranges:
        for sums, step in (
            (logarithms, math.log(abs(factor)) if factor else 0.0),
            (zeros, float(factor == 0)),
            (negatives, float(factor < 0)),
        ):
            sums[start] += step
            sums[end] -= step
    return [_product(*sums) for sums in zip(*(accumulate(s[:-1]) for s in (logarithms, zeros, negatives)), strict=True)]


def _product(logarithm: float, zeros: float, negatives: float) -> float:
    if zeros:
        return 0.0
    size = math.exp(min(logarithm, math.log(_LARGEST)))
    return round(-size if negatives % 2 else size, 4)


def _bracket_ranges(text: str) -> list[tuple[int, int, float]]:
    """(start, end, factor) of every pair of brackets; each kind is matched by itself."""
    ranges: list[tuple[int, int, float]] = []
    # For each kind of bracket: where it was opened, and whether a ':' or '|' stood directly inside.
    opened: dict[str, list[list[int]]] = {"(": [], "[": [], "{": []}
    for match in _BRACKET_OR_ESCAPE.finditer(text):
        sign = match.group()
        if sign in opened:
            opened[sign].append([match.start(), 0])
        elif sign in ":|":
            for stack in (opened["["], opened["{"]):
                if stack:
                    stack[-1][1] = 1
        elif sign in _OPENING and opened[_OPENING[sign]]:
            kind = _OPENING[sign]
            start, is_choice = opened[kind].pop()
            ranges.append((start, match.start(), _factor(kind, text, start, match.start(), bool(is_choice))))
    for kind, left_open in opened.items():
        ranges += [(start, len(text), _FACTORS[kind]) for start, is_choice in left_open if not is_choice]
    return ranges


def _factor(kind: str, text: str, start: int, end: int, is_choice: bool) -> float:
    if kind != "(":
        # '[a:b:0.5]' is a schedule, '[a|b]' and '{a|b}' are choices: no emphasis.
        return 1.0 if is_choice else _FACTORS[kind]
    number = _NUMBER_BEFORE.search(text, max(start, end - 20), end)
    if number:
        return _as_number(number.group(1), 1.0)
    suffix = _SUFFIX.match(text, end + 1)
    if suffix is None:
        return _FACTORS[kind]
    sign = suffix.group()
    if sign[0] == "+":
        return float(1.1 ** min(len(sign), 50))
    return float(0.9 ** min(len(sign), 50)) if sign[0] == "-" else _as_number(sign, 1.0)


def _numerical_ranges(text: str) -> list[tuple[int, int, float]]:
    if "::" not in text:
        return []
    return [(*match.span(2), _as_number(match.group(1), 1.0)) for match in _NUMERICAL.finditer(text)]


def _as_number(text: str, otherwise: float) -> float:
    """'1.2', '1,2', '.8', '1. 2'; anything else gives `otherwise`."""
    try:
        number = float(text.replace(",", ".").replace(" ", ""))
    except ValueError:
        return otherwise
    return max(-_LARGEST, min(_LARGEST, number))
