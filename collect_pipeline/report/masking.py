"""What must not stand in a report unless somebody asked for it: mature wording, and what would break a page.

The taxonomy says which words are meant. Knows nothing of the warehouse, charts or pages.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

MATURE_LEVELS = frozenset({"mature", "explicit"})

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:['’`´][^\W_{_CJK}]+)*")
# Names are written in one word, such as NudeMix, NSFWmix, gore2: capitals and digits part them, in either reading.
_PARTS = (
    re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z\d_]+|\d+|[A-Z]"),
    re.compile(r"[A-Z]{2,}|[A-Z]?[^\WA-Z\d_]+|\d+|[A-Z]"),
)
_SHORT = frozenset({"nsfw", "porn", "nude"})
"""Looked for within words although they are short."""
_SHORTEST = 4
_ONLY_WHOLE = frozenset({
    "arousal", "blood", "erotica", "execution", "explicit", "flashing", "glans", "hanged", "heterosex", "horny",
    "labia", "naturist", "penetrating", "pubes", "raped", "rimming", "semen", "severed", "slaughter", "snuff", "spunk",
    "squirt", "stripping", "suicide", "viscera",
})  # fmt: skip
"""Not looked for within words: bloodline, executioner, changed, thorny, draped, trimming, horsemen, persevered …"""
_INNOCENT = frozenset({"denude", "penistone", "pussyfoot", "vibratory"})
_POSSESSIVE = re.compile(r"['’`´]s$")
_APOSTROPHES = re.compile(r"['’`´]")
# Control characters are no part of XML, and the others turn the direction of what follows them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


class Masking:
    """Turns what the warehouse holds into what may be shown.

    Args:
        levels: the nsfw level of every phrase of the taxonomy, by its match form; None for phrases that are in other
            categories only. These matter too: nothing is masked within "blood orange".
        show_mature: mask nothing.
    """

    def __init__(self, levels: Mapping[str, str | None], show_mature: bool) -> None:
        self.show_mature = show_mature
        self._levels = {} if show_mature else _relevant(levels)
        self._longest = max(map(len, self._levels), default=0)
        self._inner = frozenset() if show_mature else _looked_for_within_words(levels)
        self._innocent = _INNOCENT | {word for form, level in levels.items() if level is None for word in form.split()}

    def phrase(self, phrase: str) -> str:
        """A phrase found by the taxonomy; masked as a whole if any of its meanings is in category nsfw."""
        text = printable(phrase)
        words = list(_words(text))
        if self._levels.get(tuple(form for form, _, _ in words)) is None:
            return text
        return _masked(text, [(start, end) for _, start, end in words])

    def name(self, name: str) -> str:
        """The name of a model, version, LoRA or checkpoint; words that are mature or explicit are masked in it."""
        return self._mask(printable(name), MATURE_LEVELS)

    def prompt(self, prompt: str, nsfw_level: str | None) -> str:
        """A prompt, with phrases of category nsfw masked; one that is mature or explicit, or that nobody has
        categorized yet, is not shown at all."""
        if not self.show_mature:
            if nsfw_level is None:
                return "(not shown: not categorized yet)"
            if nsfw_level in MATURE_LEVELS:
                return f"(not shown: {nsfw_level})"
        return self._mask(printable(prompt), MATURE_LEVELS | {"suggestive"})

    def _mask(self, text: str, levels: frozenset[str]) -> str:
        if not self._levels:
            return text
        words = list(_words(text))
        spans = self._found(words, levels) + self._found_within(words)
        for parts in _PARTS:
            words = list(_words_in_parts(text, parts))
            spans += self._found(words, levels) + self._found_within(words)
        return _masked(text, spans)

    def _found(self, words: Sequence[tuple[str, int, int]], levels: frozenset[str]) -> list[tuple[int, int]]:
        """Where the words stand that are to be masked; of phrases within phrases the longest decides."""
        spans: list[tuple[int, int]] = []
        at = 0
        while at < len(words):
            length, masked = self._longest_at(words, at, levels)
            if masked:
                spans += [(start, end) for _, start, end in words[at : at + length]]
            at += length
        return spans

    def _found_within(self, words: Sequence[tuple[str, int, int]]) -> list[tuple[int, int]]:
        """Where words begin or end with one that is mature, as hentaimix does."""
        spans: list[tuple[int, int]] = []
        for form, start, end in words:
            if form in self._innocent:
                continue
            lengths = range(_SHORTEST, len(form))
            first = max((length for length in lengths if form[:length] in self._inner), default=0)
            last = max((length for length in lengths if form[-length:] in self._inner), default=0)
            if (first or last) and len(form) != end - start:
                spans.append((start, end))
                continue
            spans += [(start, start + first)] if first else []
            spans += [(end - last, end)] if last else []
        return spans

    def _longest_at(self, words: Sequence[tuple[str, int, int]], at: int, levels: frozenset[str]) -> tuple[int, bool]:
        """How many words the phrase has that begins here, 1 if there is none; and whether it is to be masked."""
        for length in range(min(self._longest, len(words) - at), 0, -1):
            forms = tuple(form for form, _, _ in words[at : at + length])
            if forms in self._levels:
                level = self._levels[forms]
                if level is None or level in levels:
                    return length, level is not None
        return 1, False


def _relevant(levels: Mapping[str, str | None]) -> dict[tuple[str, ...], str | None]:
    """By their words: the phrases of category nsfw, and those that contain one and are harmless."""
    split = {tuple(form.split()): level for form, level in levels.items() if form}
    nsfw = {words for words, level in split.items() if level is not None}
    lengths: dict[str, set[int]] = {}
    for words in nsfw:
        lengths.setdefault(words[0], set()).add(len(words))

    def contains_nsfw(words: tuple[str, ...]) -> bool:
        return any(words[at : at + length] in nsfw for at, word in enumerate(words) for length in lengths.get(word, ()))

    return {words: level for words, level in split.items() if level is not None or contains_nsfw(words)}


def _looked_for_within_words(levels: Mapping[str, str | None]) -> frozenset[str]:
    """Mature words that are long enough not to be part of another word by chance, in the singular: cocks is not."""
    mature = {form for form, level in levels.items() if level in MATURE_LEVELS and form.isascii() and form.isalpha()}
    plurals = {plural for form in mature for plural in (f"{form}s", f"{form[:-1]}ies")}
    return frozenset(form for form in mature - plurals - _ONLY_WHOLE if len(form) > _SHORTEST) | (mature & _SHORT)


def printable(text: str) -> str:
    """The text without characters that a page cannot hold or that would turn it around; runs of space become one."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word in the form in which the taxonomy is compared, and where it stands."""
    for word in _WORD.finditer(text):
        yield _form(word.group()), word.start(), word.end()


def _words_in_parts(text: str, parts: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    for word in _WORD.finditer(text):
        for part in parts.finditer(word.group()):
            yield _form(part.group()), word.start() + part.start(), word.start() + part.end()


def _form(word: str) -> str:
    bare = _APOSTROPHES.sub("", _POSSESSIVE.sub("", word))
    decomposed = unicodedata.normalize("NFD", bare.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`nude` becomes `n••e`; of three letters the first stays, of fewer (and of Chinese and Japanese) none."""
    characters = list(text)
    for start, end in spans:
        length = end - start
        first = start + (length > 2)
        last = end - (length > 3)
        characters[first:last] = "•" * (last - first)
    return "".join(characters)
