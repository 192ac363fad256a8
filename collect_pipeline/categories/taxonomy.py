"""Reads the reviewed files in `taxonomy/` into phrases; refuses what is not clean.

Knows nothing of the database or of prompts. The notation is described in taxonomy/README.md.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from collect_pipeline.categories.errors import TaxonomyError
from collect_pipeline.categories.patterns import joined, plural, spell_out

CATEGORIES: Final = (
    "action", "appearance", "clothing", "color", "composition", "lighting", "mood",
    "nsfw", "quality", "setting", "style", "subject", "technical",
)  # fmt: skip
NSFW_LEVELS: Final = ("none", "suggestive", "mature", "explicit")
STEERING: Final = ("alternative", "negation", "nothing")
"""Not categories: words that turn a phrase off, link two such phrases, or hide the words they contain."""

SCOPES: Final = ("", "end", "start", "whole")
_WITH_PLURALS: Final = frozenset({"subject", "clothing", "setting", "appearance", "nsfw", "lighting"})
_HEADER: Final = ["phrase", "also", "nsfw_level", "scope"]
_WORDS_FILE: Final = "words.csv"


class Meaning(NamedTuple):
    """Everything that a line says about its phrase, and about all that this spells out."""

    categories: tuple[str, ...]
    nsfw_level: str | None
    scope: str
    """Where it counts: `""` anywhere, `whole` as all that a segment says, `start`, `end` as its first, last words."""


@dataclass(frozen=True)
class Taxonomy:
    """All phrases as they are looked for; `version` is a short hash of them."""

    meanings: Mapping[str, Meaning]
    version: str


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    cells: Mapping[str, str]

    def error(self, problem: str) -> TaxonomyError:
        return TaxonomyError(self.file, self.number, problem)


def load(folder: Traversable | None = None) -> Taxonomy:
    """Read all files of a taxonomy folder; the package's own by default, which is read only once.

    Raises:
        TaxonomyError: a file or line that cannot be used, or a phrase that two lines define.
    """
    return _own() if folder is None else _read(folder)


@cache
def _own() -> Taxonomy:
    return _read(resources.files(__package__) / "taxonomy")


def _read(folder: Traversable) -> Taxonomy:
    classes = _word_classes(folder / _WORDS_FILE)
    defined_by: dict[str, _Line] = {}
    written: dict[str, Meaning] = {}
    spelled_out: dict[str, Meaning] = {}
    for category in (*CATEGORIES, *STEERING):
        for line in _lines(folder / f"{category}.csv", _HEADER):
            phrase, meaning = line.cells["phrase"], _meaning(category, line)
            if "{" in phrase or "(" in phrase:
                for one in _spelled(line, classes):
                    other = spelled_out.get(one)
                    spelled_out[one] = meaning if other is None else _united(other, meaning)
            else:
                _refuse_second(defined_by.get(phrase), line)
                defined_by[phrase], written[phrase] = line, meaning
    meanings = _joined(written) | _plurals(written) | spelled_out | written
    meanings = {phrase: meanings[phrase] for phrase in sorted(meanings)}
    return Taxonomy(meanings, _version(meanings))


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


def _meaning(category: str, line: _Line) -> Meaning:
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
        raise line.error(f"scope {scope!r} is not one of whole, start, end, or empty")
    return Meaning((category, *also), level, scope)


def _spelled(line: _Line, classes: Mapping[str, Sequence[str]]) -> list[str]:
    try:
        return spell_out(line.cells["phrase"], classes)
    except ValueError as error:
        raise line.error(str(error)) from error


def _refuse_second(first: _Line | None, line: _Line) -> None:
    if first is not None:
        raise line.error(
            f"{line.cells['phrase']!r} is already defined in {first.file}, line {first.number}; "
            "keep one of the two and name further categories in its column also"
        )


def _united(one: Meaning, other: Meaning) -> Meaning:
    """What two patterns spell out belongs to the categories of both."""
    levels = [level for level in (one.nsfw_level, other.nsfw_level) if level is not None]
    return Meaning(
        tuple(dict.fromkeys(one.categories + other.categories)),
        max(levels, key=NSFW_LEVELS.index, default=None),
        one.scope if one.scope == other.scope else "",
    )


def _plurals(singular: Mapping[str, Meaning]) -> dict[str, Meaning]:
    return {
        more: meaning
        for phrase, meaning in singular.items()
        if _WITH_PLURALS.intersection(meaning.categories) and (more := plural(phrase)) is not None
    }


def _joined(written: Mapping[str, Meaning]) -> dict[str, Meaning]:
    return {
        one: meaning
        for phrase, meaning in written.items()
        if not set(STEERING).intersection(meaning.categories) and (one := joined(phrase)) is not None
    }


def _version(meanings: Mapping[str, Meaning]) -> str:
    text = "\n".join(f"{phrase}\t{' '.join(m.categories)}\t{m.nsfw_level}\t{m.scope}" for phrase, m in meanings.items())
    return hashlib.sha256(text.encode()).hexdigest()[:12]
