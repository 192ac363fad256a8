"""One prompt, taken apart: segments with their weights, resources, pasted parameters.

The segments' text is what the SQL macro `split_segments` gives, since both follow `rules`; this module adds weights,
names and parameters. It knows no database.

Visible text is every letter of a prompt except the keywords of the syntax: BREAK, AND, ADDCOMM, ADDBASE, ADDCOL and
ADDROW in capitals, the word that opens a network tag and the options behind its weight, 'embedding:', the head of a
negative prompt, HTML's '&lt;' and its like. Each visible letter is in a segment, in the name of a resource, or in a
parameter, in the order of the prompt. A digit is visible except where the syntax has a number. Case, brackets, quotes
and white space are not visible, nor is punctuation at the end of a segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from collect_pipeline.prompts import parameters as pasted
from collect_pipeline.prompts.emphasis import character_weights
from collect_pipeline.prompts.resources import (
    TextResource,
    embedding_resource,
    network_resource,
    wildcard_resource,
)
from collect_pipeline.prompts.rules import (
    CLOSING_RULES,
    EMBEDDING,
    MIDJOURNEY_NEGATIVE,
    MIDJOURNEY_PARAMETER,
    NEGATIVE_VALUE,
    NETWORK_TAG,
    OPENING_RULES,
    PASTED_NEGATIVE,
    PASTED_SETTINGS,
    TRIMMED_LEFT,
    TRIMMED_RIGHT,
    WILDCARD,
    Rule,
)
from collect_pipeline.prompts.trace import INSERTED, Trace, plain_text


@dataclass(frozen=True)
class Segment:
    """A piece of a prompt in normal form. `weight` is the mean over its characters; 1.0 is neutral."""

    text: str
    weight: float


@dataclass(frozen=True)
class ParsedPrompt:
    """What a prompt says. `parameters` holds what was pasted along, under AUTOMATIC1111's names."""

    segments: tuple[Segment, ...]
    resources: tuple[TextResource, ...]
    parameters: dict[str, str]


def parse(text: str) -> ParsedPrompt:
    """Take a prompt apart. Every text parses, however broken."""
    body, resources, parameters = _opened(text)
    weights = character_weights(body)
    trace = Trace.of(body).rewritten(CLOSING_RULES).trimmed(TRIMMED_LEFT, TRIMMED_RIGHT)
    segments = tuple(Segment(piece.text, _mean_weight(piece, weights)) for piece in trace.pieces() if piece.text)
    return ParsedPrompt(segments, tuple(resources), parameters)


def text_resources(text: str) -> tuple[TextResource, ...]:
    """Only the resources, at once for a prompt that can hold none."""
    may_hold = "<" in text or "＜" in text or "&lt;" in text.lower() or "__" in text or "embedding" in text.lower()
    return tuple(_opened(text)[1]) if may_hold else ()


def pasted_parameters(text: str) -> dict[str, str]:
    """Only the parameters, at once for a prompt that can hold none."""
    lowered = text.lower()
    may_hold = (
        "steps" in lowered or "negative" in lowered or "--" in lowered or "‐" in text or "–" in text or "—" in text
    )
    return _opened(text)[2] if may_hold else {}


def _opened(text: str) -> tuple[str, list[TextResource], dict[str, str]]:
    """Stages 1 to 3 of the rules: what is left of the prompt, and what was cut out of it."""
    written, lowered = plain_text(text)
    resources: list[tuple[int, TextResource | None]] = []
    cuts: list[tuple[int, dict[str, str]]] = []

    def keep(rule: Rule, origin: Sequence[int]) -> None:
        positions = [position for position in origin if position != INSERTED]
        start = positions[0]
        words = "".join(written[position] for position in positions)
        if rule.pattern in _RESOURCES:
            resources.append((start, _RESOURCES[rule.pattern](words)))
        elif rule.pattern in _PARAMETERS:
            cuts.append((start, _PARAMETERS[rule.pattern](words)))

    body = Trace.of(lowered).rewritten(OPENING_RULES, keep).text
    parameters: dict[str, str] = {}
    for _, found in sorted(cuts, key=lambda cut: cut[0]):
        parameters = pasted.joined(parameters, found)
    in_order = sorted(resources, key=lambda resource: resource[0])
    return body, [resource for _, resource in in_order if resource is not None], parameters


_RESOURCES = {
    NETWORK_TAG: network_resource,
    EMBEDDING: embedding_resource,
    WILDCARD: wildcard_resource,
}
_PARAMETERS = {
    NEGATIVE_VALUE: pasted.read_negative,
    PASTED_NEGATIVE: pasted.read_negative,
    PASTED_SETTINGS: pasted.read_settings,
    MIDJOURNEY_NEGATIVE: pasted.read_midjourney,
    MIDJOURNEY_PARAMETER: pasted.read_midjourney,
}


def _mean_weight(piece: Trace, weights: list[float]) -> float:
    """Over the letters and digits; punctuation may stand outside the brackets."""
    known = [
        weights[position]
        for character, position in zip(piece.text, piece.origin, strict=True)
        if position != INSERTED and character != " "
    ]
    return round(sum(known) / len(known), 3) if known else 1.0
