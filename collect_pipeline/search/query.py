"""What is asked for: words, and conditions on the prompts that hold them. Plain values, no SQL."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

HARMLESS_LEVELS = ("none", "suggestive")
"""Shown unless more is asked for."""


@dataclass(frozen=True)
class Query:
    """Every condition that is given must hold.

    Attributes:
        terms: words, or several words that must follow each other; as typed.
        categories: categories that the prompt has.
        phrases: phrases of the taxonomy that were found in it.
        loras: parts of names of LoRAs that one of its images uses.
        version_id: a model version that one of its images was found under.
        min_length: characters of the prompt, as is `max_length`.
        min_reactions: of its images, the highest reaction count.
        levels: maturity of the wording that is shown; None shows everything, prompts not yet categorized among them.
        limit: at most this many are listed.
        similar: list near-duplicates too, not only the best of them.
    """

    terms: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    loras: tuple[str, ...] = ()
    version_id: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_reactions: int | None = None
    levels: tuple[str, ...] | None = HARMLESS_LEVELS
    limit: int = 20
    similar: bool = False


def read_terms(arguments: Sequence[str]) -> tuple[str, ...]:
    """Terms from what was typed: an argument of several words is a phrase, unless quotes inside it say which words are.

    `["portrait", "golden hour"]` and `['portrait "golden hour"']` both give `portrait` and `golden hour`.
    """
    terms: list[str] = []
    for argument in arguments:
        if '"' in argument:
            terms += [phrase or word for phrase, word in re.findall(r'"([^"]*)"?|([^\s"]+)', argument)]
        else:
            terms.append(argument)
    return tuple(term for term in terms if term.strip())
