"""Reads the reviewed files in `taxonomy/` into phrases; refuses what is not clean.

Knows nothing of the database or of prompts. The notation is described in taxonomy/README.md.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from collect_pipeline.categories.errors import TaxonomyError
from collect_pipeline.categories.patterns import plural, spell_out

CATEGORIES: Final = (
    "action", "appearance", "clothing", "color", "composition", "lighting", "mood",
    "nsfw", "quality", "setting", "style", "subject", "technical",
)  # fmt: skip
NSFW_LEVELS: Final = ("none", "suggestive", "mature", "explicit")
STEERING: Final = ("alternative", "negation", "nothing")
"""Not categories: words that turn a phrase off, link two such phrases, or hide the words they contain."""

SCOPES: Final = ("", "start", "whole")
_WITH_PLURALS: Final = frozenset({"subject", "clothing", "setting", "appearance", "nsfw", "lighting"})
_HEADER: Final = ["phrase", "also", "nsfw_level", "scope"]
_WORDS_FILE: Final = "words.csv"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it is looked for, with everything that its line says about it."""

    phrase: str
    categories: tuple[str, ...]
    nsfw_level: str | None
    scope: str
    """Where it counts: `""` anywhere, `whole` as all that a segment says, `start` as its first words."""


@dataclass(frozen=True)
class Taxonomy:
    """All phrases, each once; `version` is a short hash of them."""

    phrases: tuple[Phrase, ...]
    version: str


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    cells: Mapping[str, str]

    def error(self, problem: str) -> TaxonomyError:
        return TaxonomyError(self.file, self.number, problem)


def load(folder: Traversable | None = None) -> Taxonomy:
    """Read all files of a taxonomy folder; the package's own by default.

    Raises:
        TaxonomyError: a file or line that cannot be used, or a phrase that two lines define.
    """
    folder = resources.files(__package__) / "taxonomy" if folder is None else folder
    classes = _word_classes(folder / _WORDS_FILE)
    written: dict[str, tuple[_Line, Phrase]] = {}
    spelled_out: dict[str, Phrase] = {}
    for category in (*CATEGORIES, *STEERING):
        for line in _lines(folder / f"{category}.csv", _HEADER):
            entry = _entry(category, line)
            if "{" in entry.phrase or "(" in entry.phrase:
                for phrase in _spelled(line, classes):
                    found = replace(entry, phrase=phrase)
                    other = spelled_out.get(phrase)
                    spelled_out[phrase] = found if other is None else _united(other, found)
            else:
                _refuse_second(written.get(entry.phrase), line)
                written[entry.phrase] = (line, entry)
    singular = {phrase: entry for phrase, (_, entry) in written.items()}
    phrases = _plurals(singular.values()) | spelled_out | singular
    ordered = tuple(phrases[key] for key in sorted(phrases))
    return Taxonomy(ordered, _version(ordered))


def _lines(file: Traversable, header: Sequence[str]) -> Iterator[_Line]:
    if not file.is_file():
        raise TaxonomyError(file.name, 1, "the file does not exist; every category has one, if only its header")
    with file.open(encoding="utf-8") as text:
        rows = csv.reader(text)
        if next(rows, None) != list(header):
            raise TaxonomyError(file.name, 1, f"the first line must be {','.join(header)}")
        previous = ""
        for row in rows:
            number = rows.line_num
            if len(row) != len(header):
                raise TaxonomyError(file.name, number, f"{len(row)} columns where {len(header)} are needed")
            line = _Line(file.name, number, dict(zip(header, row, strict=True)))
            if any(cell != cell.strip() for cell in row):
                raise line.error("spaces before or after a value; take them out")
            key = ",".join(row[:2]) if header != _HEADER else row[0]
            if key <= previous:
                raise line.error(f"{key!r} is not sorted after {previous!r}, or stands there twice")
            previous = key
            yield line


def _word_classes(file: Traversable) -> dict[str, list[str]]:
    classes: dict[str, list[str]] = {}
    for line in _lines(file, ["class", "word"]):
        classes.setdefault(line.cells["class"], []).append(line.cells["word"])
    return classes


def _entry(category: str, line: _Line) -> Phrase:
    also = tuple(line.cells["also"].split())
    level = line.cells["nsfw_level"] or None
    scope = line.cells["scope"]
    if not line.cells["phrase"]:
        raise line.error("the phrase is empty")
    for name in also:
        if name not in CATEGORIES or name == category:
            raise line.error(f"{name!r} in column also is not one of the other categories")
    if also and category in STEERING:
        raise line.error(f"a phrase of {category}.csv has no further category")
    if ("nsfw" in (category, *also)) != (level is not None):
        raise line.error("nsfw_level is needed for category nsfw, and for nothing else")
    if level is not None and level not in NSFW_LEVELS[1:]:
        raise line.error(f"nsfw_level {level!r} is not one of {', '.join(NSFW_LEVELS[1:])}")
    if scope not in SCOPES:
        raise line.error(f"scope {scope!r} is not one of whole, start, or empty")
    return Phrase(line.cells["phrase"], (category, *also), level, scope)


def _spelled(line: _Line, classes: Mapping[str, Sequence[str]]) -> list[str]:
    try:
        return spell_out(line.cells["phrase"], classes)
    except ValueError as error:
        raise line.error(str(error)) from error


def _refuse_second(first: tuple[_Line, Phrase] | None, line: _Line) -> None:
    if first is not None:
        raise line.error(
            f"{line.cells['phrase']!r} is already defined in {first[0].file}, line {first[0].number}; "
            "keep one of the two and name further categories in its column also"
        )


def _united(one: Phrase, other: Phrase) -> Phrase:
    """What two patterns spell out belongs to the categories of both."""
    levels = [level for level in (one.nsfw_level, other.nsfw_level) if level is not None]
    return Phrase(
        one.phrase,
        tuple(dict.fromkeys(one.categories + other.categories)),
        max(levels, key=NSFW_LEVELS.index, default=None),
        one.scope if one.scope == other.scope else "",
    )


def _plurals(phrases: Iterable[Phrase]) -> dict[str, Phrase]:
    return {
        more: replace(entry, phrase=more)
        for entry in phrases
        if _WITH_PLURALS.intersection(entry.categories) and (more := plural(entry.phrase)) is not None
    }


def _version(phrases: Sequence[Phrase]) -> str:
    digest = hashlib.sha256()
    for phrase in phrases:
        digest.update(repr(phrase).encode())
    return digest.hexdigest()[:12]
