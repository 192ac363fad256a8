"""Resources that a prompt names in its text: networks, embeddings, wildcards. Knows no rule of the normal form."""

from dataclasses import dataclass

from collect_pipeline.prompts.rules import NETWORK_TYPES


@dataclass(frozen=True)
class TextResource:
    """One resource. `type` is lora, locon, dora, lycoris, hypernetwork, embedding or wildcard.

    `weight` is 1.0 where none is written, which is how the tools read it.
    """

    type: str
    name: str
    weight: float


def network_resource(tag: str) -> TextResource | None:
    """'<lora:name:0.8>' or what is there of it; None if it names nothing.

    The name reaches to the first number; options after the number ('<lora:name:0.8:FACE>') are left out.
    """
    word, _, rest = tag.strip("<> ").partition(":")
    name: list[str] = []
    weight = 1.0
    for part in rest.split(":"):
        number = _number(part)
        if number is not None and name:
            weight = number
            break
        name.append(part)
    joined = ":".join(name).strip()
    return TextResource(NETWORK_TYPES[word.strip().lower()], joined, weight) if joined else None


def embedding_resource(words: str) -> TextResource:
    """'embedding:name'."""
    return TextResource("embedding", words.partition(":")[2].strip(), 1.0)


def wildcard_resource(words: str) -> TextResource:
    """'__name__': a placeholder for words that nobody knows any more."""
    return TextResource("wildcard", words[2:-2], 1.0)


def _number(text: str) -> float | None:
    plain = text.strip().replace(",", ".")
    return float(plain) if plain.lstrip("+-").replace(".", "", 1).isdecimal() and plain.isascii() else None
