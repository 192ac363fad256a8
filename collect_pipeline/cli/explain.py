"""Why a prompt is in its categories: its pieces, the phrases found in them, and what follows."""

import argparse
import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collect_pipeline.assets.resources import open_warehouse
from collect_pipeline.categories.explain import Explanation, explain
from collect_pipeline.cli.exit_codes import DONE
from collect_pipeline.cli.output import say
from collect_pipeline.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The prompt."""
    parser.add_argument("prompt", metavar="PROMPT", help="as its maker wrote it, in quotes")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def execute(arguments: argparse.Namespace) -> int:
    """Explain one prompt; nothing is stored."""
    with open_warehouse(load_settings(), say).transaction() as connection:
        explanation = explain(connection, arguments.prompt)
    if arguments.json:
        print(json.dumps(asdict(explanation), ensure_ascii=False, indent=2))
        return DONE
    console = Console()
    console.print(_phrases(explanation))
    console.print(_categories(explanation))
    console.print(f"nsfw level: {explanation.nsfw_level}, taxonomy {explanation.taxonomy_version}", highlight=False)
    return DONE


def _phrases(explanation: Explanation) -> Table:
    table = Table("Piece", "Phrase", "Category", "Counts")
    for position, segment in enumerate(explanation.segments, 1):
        found = [phrase for phrase in explanation.phrases if phrase.segment == position]
        if not found:
            table.add_row(Text(segment), "", "", "")
        for place, phrase in enumerate(found):
            counts = "no: negated" if phrase.negated else f"{phrase.weight:g}"
            table.add_row(Text(segment if place == 0 else ""), phrase.phrase, phrase.category, counts)
    return table


def _categories(explanation: Explanation) -> Table:
    table = Table("Category", "Confidence", "Weight", "Phrases")
    for result in explanation.results:
        name = f"{result.category} (primary)" if result.is_primary else result.category
        table.add_row(name, f"{result.confidence:.2f}", f"{result.weight:g}", ", ".join(result.keywords))
    return table
