"""Reads the reviewed files in `taxonomy/` into phrases; refuses what is not clean.

Knows nothing of the database or of prompts. The notation is described in taxonomy/README.md.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

_WITH_PLURALS: Final = frozenset({"subject", "clothing", "setting", "appearance", "nsfw", "lighting"})
_HEADER: Final = ["phrase", "also", "nsfw_level", "scope"]
_WORDS_FILE: Final = "words.csv"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it is looked for, with everything that its line says about it."""

    phrase: str
    categories: tuple[str, ...]
    nsfw_level: str | None
    whole_segment: bool


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
    spelled_out: dict[str, tuple[_Line, Phrase]] = {}
    for category in (*CATEGORIES, *STEERING):
        for line in _lines(folder / f"{category}.csv", _HEADER):
            entry = _entry(category, line)
            pattern = line.cells["phrase"]
            target = spelled_out if "{" in pattern or "(" in pattern else written
            for phrase in _spelled(line, pattern, classes):
                _add(target, line, _named(entry, phrase))
    phrases = {**{k: p for k, (_, p) in spelled_out.items()}, **{k: p for k, (_, p) in written.items()}}
    for entry in list(phrases.values()):
        if _WITH_PLURALS.intersection(entry.categories):
            more = plural(entry.phrase)
            if more is not None and more not in phrases:
                phrases[more] = _named(entry, more)
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
    if scope not in ("", "whole"):
        raise line.error(f"scope {scope!r} is neither empty nor whole")
    categories = () if category == "nothing" else (category, *also)
    return Phrase("", categories or (category,), level, scope == "whole")


def _spelled(line: _Line, pattern: str, classes: Mapping[str, Sequence[str]]) -> list[str]:
    try:
        return spell_out(pattern, classes)
    except ValueError as error:
        raise line.error(str(error)) from error


def _add(target: dict[str, tuple[_Line, Phrase]], line: _Line, entry: Phrase) -> None:
    other_line, other = target.get(entry.phrase, (line, entry))
    if other_line is not line and (other != entry or "{" not in line.cells["phrase"]):
        raise line.error(
            f"{entry.phrase!r} is already defined in {other_line.file}, line {other_line.number}; "
            "keep one of the two and name further categories in its column also"
        )
    target[entry.phrase] = (line, entry)


def _named(entry: Phrase, phrase: str) -> Phrase:
    return Phrase(phrase, entry.categories, entry.nsfw_level, entry.whole_segment)


def _version(phrases: Sequence[Phrase]) -> str:
    digest = hashlib.sha256()
    for phrase in phrases:
        digest.update(repr(phrase).encode())
    return digest.hexdigest()[:12]
