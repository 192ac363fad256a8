"""Find prompts by their words and by what is known of them. Every word and every condition must hold.

Words match whole, in any case, with `_` as a space; words in quotes must follow each other. The most relevant come
first, then those with most reactions. Mature and explicit wording is shown only if asked for. In a pipe the output is
one line a prompt, fields separated by tabs.
"""

import argparse
import json
import re
import sys
import unicodedata
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.categories import CATEGORIES, NSFW_LEVELS
from collect_pipeline.cli.exit_codes import DONE, USAGE, CommandError
from collect_pipeline.cli.numbers import whole
from collect_pipeline.cli.output import say
from collect_pipeline.search.errors import QueryError
from collect_pipeline.search.find import Found, FoundPrompt, find
from collect_pipeline.search.query import HARMLESS_LEVELS, Query, read_terms
from collect_pipeline.settings import load_settings

SHOWN_CHARACTERS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words and conditions."""
    parser.add_argument("words", nargs="*", metavar="WORD", help='words, or "words that follow each other"')
    parser.add_argument(
        "--category",
        action="append",
        default=[],
        choices=[*CATEGORIES, "uncategorized"],
        metavar="C",
        help=f"one of {', '.join(CATEGORIES)}, uncategorized (repeatable)",
    )
    parser.add_argument(
        "--phrase", action="append", default=[], metavar="P", help="a phrase that gave it a category (repeatable)"
    )
    parser.add_argument(
        "--lora",
        action="append",
        default=[],
        metavar="NAME",
        help="part of the name of a LoRA used, with _ or spaces (repeatable)",
    )
    parser.add_argument("--version-id", type=whole(1), metavar="V", help="found under this model version")
    parser.add_argument("--min-length", type=whole(0), metavar="N", help="at least N characters")
    parser.add_argument("--max-length", type=whole(0), metavar="N", help="at most N characters")
    parser.add_argument("--min-reactions", type=whole(0), metavar="N", help="an image with at least N reactions")
    level = parser.add_mutually_exclusive_group()
    level.add_argument(
        "--nsfw-level",
        action="append",
        choices=NSFW_LEVELS,
        metavar="L",
        help=f"only wording of this level: {', '.join(NSFW_LEVELS)} (repeatable)",
    )
    level.add_argument("--mature", action="store_true", help="wording of every level")
    parser.add_argument("--similar", action="store_true", help="list near-duplicates too")
    parser.add_argument(
        "--limit", type=whole(1, 100_000), default=20, metavar="N", help="at most N prompts (default 20)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON list on stdout")


def execute(arguments: argparse.Namespace) -> int:
    """Search and show; finding nothing is a result, too."""
    query = _query(arguments)
    try:
        with open_warehouse(load_settings(), say).snapshot() as connection:
            found = find(connection, query)
    except QueryError as error:
        raise CommandError(str(error), USAGE) from error
    if arguments.json:
        print(json.dumps([asdict(prompt) for prompt in found.prompts], ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        if found.prompts:
            Console().print(_table(found, query))
    else:
        for prompt in found.prompts:
            print(_line(prompt))
    for sentence in _sentences(found, query):
        say(sentence)
    return DONE


def _query(arguments: argparse.Namespace) -> Query:
    levels: tuple[str, ...] | None = HARMLESS_LEVELS
    if arguments.mature:
        levels = None
    elif arguments.nsfw_level:
        levels = tuple(arguments.nsfw_level)
    return Query(
        terms=read_terms(arguments.words),
        categories=tuple(arguments.category),
        phrases=tuple(arguments.phrase),
        loras=tuple(arguments.lora),
        version_id=arguments.version_id,
        min_length=arguments.min_length,
        max_length=arguments.max_length,
        min_reactions=arguments.min_reactions,
        levels=levels,
        limit=arguments.limit,
        similar=arguments.similar,
    )


def _table(found: Found, query: Query) -> Table:
    table = Table(show_lines=True)
    table.add_column("Reactions", justify="right", no_wrap=True)
    table.add_column("Images", justify="right", no_wrap=True)
    table.add_column("Prompt", overflow="fold", ratio=1)
    words = re.compile(rf"(?i)(?<![a-z0-9])({'|'.join(map(re.escape, query.terms)) or '(?!)'})(?![a-z0-9])")
    for prompt in found.prompts:
        text = Text(_cut(_printable(prompt.prompt)))
        text.highlight_regex(words, style="bold")
        text.append(f"\n{_about(prompt, query)}", style="dim")
        table.add_row(str(prompt.reactions), str(prompt.images), text)
    return table


def _about(prompt: FoundPrompt, query: Query) -> str:
    facts = [", ".join(prompt.categories) or "no category"]
    if prompt.nsfw_level not in {None, "none"}:
        facts.append(f"{prompt.nsfw_level} wording")
    if prompt.similar and not query.similar:
        facts.append(f"{prompt.similar} more like it")
    return " · ".join([*facts, prompt.best_image or ""])


def _line(prompt: FoundPrompt) -> str:
    fields = (prompt.prompt_id, prompt.reactions, prompt.images, prompt.primary_category or "", prompt.best_image or "")
    return "\t".join([*map(str, fields), _printable(prompt.prompt)])


def _sentences(found: Found, query: Query) -> list[str]:
    sentences = []
    if not found.prompts:
        sentences.append("No prompt matches.")
        if any(" " in term for term in query.terms):
            sentences.append("Words in quotes must follow each other in one piece of a prompt; without, in any order.")
    elif found.matching > len(found.prompts):
        sentences.append(_how_many(found, query))
    if found.hidden and query.levels == HARMLESS_LEVELS:
        verb = "is" if found.hidden == 1 else "are"
        sentences.append(f"{found.hidden} more {verb} hidden (mature, or not categorized yet); add --mature.")
    return sentences


def _how_many(found: Found, query: Query) -> str:
    if len(found.prompts) == query.limit:
        return f"{len(found.prompts)} shown, {found.matching} match; --limit shows more."
    return f"{len(found.prompts)} shown, {found.matching} match with near-duplicates; add --similar."


def _printable(text: str) -> str:
    """One line without control characters: prompts come from outside, and a terminal obeys what it is sent."""
    plain = "".join(" " if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character for character in text)
    return " ".join(plain.split())


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
