"""A text that is rewritten while every character remembers where it came from. Knows rules, not what they mean."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from collect_pipeline.prompts.rules import CASE_SENSITIVE_RULES, PLAIN_CHARACTERS, Literal, Rule, Rules

INSERTED = -1

OnMatch = Callable[[Rule, Sequence[int]], None]

_PLAIN = str.maketrans(PLAIN_CHARACTERS)


@dataclass(frozen=True)
class Trace:
    """`origin[i]` is the position that `text[i]` had in the text first traced, or INSERTED."""

    text: str
    origin: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Trace":
        return cls(text, range(len(text)))

    def rewritten(self, rules: Rules, on_match: OnMatch | None = None) -> "Trace":
        """Apply the rules in order. `on_match` is told each match of a pattern: the rule, and where it came from."""
        trace = self
        for rule in rules:
            if isinstance(rule, Rule):
                trace = trace._replaced(rule, on_match)
            elif isinstance(rule, Literal):
                trace = trace._replaced(_as_rule(rule), None)
            elif rule.needed in trace.text:
                trace = trace.rewritten(rule.rules, on_match)
        return trace

    def pieces(self) -> Iterator["Trace"]:
        """The parts between commas."""
        start = 0
        for piece in self.text.split(","):
            yield Trace(piece, self.origin[start : start + len(piece)])
            start += len(piece) + 1

    def trimmed(self, left: str, right: str) -> "Trace":
        start = len(self.text) - len(self.text.lstrip(left))
        end = max(start, len(self.text.rstrip(right)))
        return Trace(self.text[start:end], self.origin[start:end])

    def _replaced(self, rule: Rule, on_match: OnMatch | None) -> "Trace":
        text: list[str] = []
        origin: list[int] = []
        done = 0
        for match in rule.compiled.finditer(self.text):
            text.append(self.text[done : match.start()])
            origin += self.origin[done : match.start()]
            for part in _parts(rule.replacement):
                if isinstance(part, int):
                    text.append(match.group(part))
                    origin += self.origin[slice(*match.span(part))]
                else:
                    text.append(part)
                    # One character for another is the same place; anything else is new.
                    swapped = len(part) == match.end() - match.start() == 1
                    origin += [self.origin[match.start()] if swapped else INSERTED] * len(part)
            done = match.end()
            if on_match is not None:
                on_match(rule, self.origin[match.start() : done])
        return Trace("".join(text) + self.text[done:], [*origin, *self.origin[done:]]) if done else self


def plain_text(prompt: str) -> tuple[str, str]:
    """The prompt after stages 1 and 2 of `rules`, as written and in lower case; both have the same length."""
    text = prompt
    for rule in CASE_SENSITIVE_RULES:
        text = Trace.of(text).rewritten((rule,)).text
    written = unicodedata.normalize("NFC", text.translate(_PLAIN))
    # Letter by letter, as DuckDB does it: str.lower() on the whole would look at a sigma's neighbours.
    lowered = unicodedata.normalize("NFC", "".join(map(str.lower, written)))
    return (written if len(written) == len(lowered) else lowered), lowered


@cache
def _as_rule(literal: Literal) -> Rule:
    return Rule(re.escape(literal.old), literal.new)


@cache
def _parts(replacement: str) -> tuple[str | int, ...]:
    """'\\1, \\2' as (1, ', ', 2)."""
    parts = re.split(r"\\(\d)", replacement)
    return tuple(int(part) if number % 2 else part for number, part in enumerate(parts) if part)
