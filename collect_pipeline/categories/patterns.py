"""The short notation of the taxonomy: one written phrase stands for all that it spells out.

`{garment}` stands for every word of that class, `(a|b)` for each of the alternatives, `(s)` for with and without.
Knows strings only, neither files nor categories.
"""

import itertools
import re
from collections.abc import Mapping, Sequence

_PIECE = re.compile(r"\{([a-z_]+)\}|\(([^()]*)\)|([^{}()]+)")


def spell_out(pattern: str, classes: Mapping[str, Sequence[str]]) -> list[str]:
    """Every phrase that a pattern stands for, in the order of its alternatives.

    Raises:
        ValueError: unbalanced brackets, or a class that is not known.
    """
    choices: list[Sequence[str]] = []
    end = 0
    for piece in _PIECE.finditer(pattern):
        if piece.start() != end:
            break
        end = piece.end()
        name, alternatives, plain = piece.groups()
        if name is not None:
            if name not in classes:
                raise ValueError(f"the word class {{{name}}} does not exist; add it to words.csv")
            choices.append(classes[name])
        elif alternatives is not None:
            options = alternatives.split("|")
            choices.append(options if len(options) > 1 else ["", *options])
        else:
            choices.append([plain])
    if end != len(pattern):
        raise ValueError(f"the brackets of {pattern!r} do not match")
    phrases = ["".join(parts) for parts in itertools.product(*choices)]
    # An option that is left out may leave its spaces behind.
    return [" ".join(phrase.split()) for phrase in phrases] if "" in itertools.chain(*choices) else phrases


def plural(phrase: str) -> str | None:
    """The regular English plural of a phrase's last word; None for what has none."""
    if not re.fullmatch(r"[a-z0-9' -]*[a-z]{2,}", phrase) or phrase.endswith(("s", "ing")):
        return None
    if phrase.endswith(("x", "z", "ch", "sh")):
        return phrase + "es"
    if re.search(r"[^aeiou]y$", phrase):
        return phrase[:-1] + "ies"
    if re.search(r"(?<!ger)(?<!hu)(?<!ro)(?<!sha)man$", phrase):
        return phrase[:-3] + "men"
    return phrase + "s"


def joined(phrase: str) -> str | None:
    """Two words written as one, as trigger words often are; None where that might be another word."""
    words = re.split(r"[ -]", phrase)
    if len(words) != 2 or len(phrase) < 9 or not re.fullmatch(r"[a-z]+[ -][a-z]+", phrase):
        return None
    return "".join(words)
