"""How well the categories agree with labels that people gave: `python benchmarks/agreement.py LABELS.jsonl`.

One JSON object a line: {"prompt": "…", "categories": ["subject", …], "primary": "subject", "nsfw_level": "none"}.
A prompt without categories has the primary "uncategorized". Prints precision, recall and F1 for each category, their
mean, and the share of prompts whose primary category and nsfw level agree. With `--differences` also every prompt
where they do not.

The labelled prompts are categorized as a corpus of their own, so that ties between categories are decided by their
frequency among these prompts; `--corpus PROMPTS.jsonl` adds further prompts that only count for that.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from collect_pipeline.categories import CATEGORIES, categorize
from collect_pipeline.prompts.macros import define_macros
from collect_pipeline.warehouse.migrate import migrate


@dataclass(frozen=True)
class Label:
    """What a person, or the taxonomy, says about one prompt."""

    categories: frozenset[str]
    primary: str
    nsfw_level: str


@dataclass(frozen=True)
class Score:
    """Agreement in one category; `support` is how many prompts the labels put into it."""

    precision: float
    recall: float
    support: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read(file: Path) -> list[Mapping[str, object]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def categorized(prompts: Sequence[str], further: Sequence[str] = ()) -> list[Label]:
    """What the package's taxonomy says about each of the prompts, in their order."""
    connection = duckdb.connect()
    migrate(connection)
    define_macros(connection)
    given = pd.DataFrame({"prompt_id": range(len(prompts) + len(further)), "prompt": [*prompts, *further]})
    connection.register("given", given)
    connection.execute(
        """
        CREATE TEMP TABLE pieces AS
        SELECT prompt_id, unnest(list) AS segment, unnest(range(1, len(list) + 1)) AS position
        FROM (SELECT prompt_id, split_segments(prompt) AS list FROM given);
        INSERT INTO segments SELECT DISTINCT hash(segment) >> 1, segment FROM pieces;
        INSERT INTO prompt_segments SELECT prompt_id, hash(segment) >> 1, position FROM pieces;
        INSERT INTO prompts BY NAME
        SELECT prompt_id, prompt, prompt AS normalized, prompt_id AS cluster_id, 1 AS image_count,
            0 AS quality_score, length(prompt) AS prompt_length, 0 AS tag_count, 0 AS best_reactions,
            now()::TIMESTAMP AS first_seen_at
        FROM given
        """
    )
    categorize(connection)
    rows = connection.execute(
        "SELECT list(category), any_value(category) FILTER (is_primary), any_value(nsfw_level) "
        "FROM prompt_categories WHERE prompt_id < ? GROUP BY prompt_id ORDER BY prompt_id",
        [len(prompts)],
    ).fetchall()
    return [Label(frozenset(found) - {"uncategorized"}, primary, level) for found, primary, level in rows]


def score(category: str, labels: Sequence[Label], found: Sequence[Label]) -> Score:
    """Agreement in one category."""
    pairs = [
        (category in label.categories, category in other.categories) for label, other in zip(labels, found, strict=True)
    ]
    both = sum(wanted and got for wanted, got in pairs)
    wanted_total = sum(wanted for wanted, _ in pairs)
    got_total = sum(got for _, got in pairs)
    return Score(
        precision=both / got_total if got_total else float(not wanted_total),
        recall=both / wanted_total if wanted_total else 1.0,
        support=wanted_total,
    )


def table(labels: Sequence[Label], found: Sequence[Label]) -> str:
    """The agreement as lines of text."""
    scores = {category: score(category, labels, found) for category in CATEGORIES}
    lines = [f"{'category':<12} {'precision':>9} {'recall':>7} {'F1':>6} {'labelled':>9}"]
    lines += [
        f"{category:<12} {s.precision:>9.3f} {s.recall:>7.3f} {s.f1:>6.3f} {s.support:>9}"
        for category, s in scores.items()
    ]
    pairs = list(zip(labels, found, strict=True))
    lines += [
        f"macro-F1 {sum(s.f1 for s in scores.values()) / len(scores):.3f}",
        f"primary right {sum(a.primary == b.primary for a, b in pairs) / len(pairs):.1%}",
        f"nsfw level right {sum(a.nsfw_level == b.nsfw_level for a, b in pairs) / len(pairs):.1%}",
        f"prompts {len(pairs)}",
    ]
    return "\n".join(lines)


def differences(prompts: Sequence[str], labels: Sequence[Label], found: Sequence[Label]) -> str:
    """Every prompt on which the two do not agree: what was missed (-), what is too much (+)."""
    lines = []
    for prompt, label, other in zip(prompts, labels, found, strict=True):
        if label == other:
            continue
        missed = [f"-{name}" for name in sorted(label.categories - other.categories)]
        extra = [f"+{name}" for name in sorted(other.categories - label.categories)]
        primary = [] if label.primary == other.primary else [f"primary {label.primary} not {other.primary}"]
        level = [] if label.nsfw_level == other.nsfw_level else [f"{label.nsfw_level} not {other.nsfw_level}"]
        lines.append(f"{' '.join([*missed, *extra, *primary, *level])}: {prompt}")
    return "\n".join(lines)


def main() -> None:
    """Print the agreement of a file of labels with the package's taxonomy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--corpus", type=Path, help="further prompts, as {'prompt': '…'} lines")
    parser.add_argument("--differences", action="store_true")
    arguments = parser.parse_args()
    rows = read(arguments.labels)
    prompts = [str(row["prompt"]) for row in rows]
    labels = [Label(frozenset(map(str, _names(row))), str(row["primary"]), str(row["nsfw_level"])) for row in rows]
    further = [str(row["prompt"]) for row in read(arguments.corpus)] if arguments.corpus else []
    found = categorized(prompts, further)
    if arguments.differences:
        print(differences(prompts, labels, found), end="\n\n")
    print(table(labels, found))


def _names(row: Mapping[str, object]) -> list[object]:
    names = row["categories"]
    return names if isinstance(names, list) else []


if __name__ == "__main__":
    main()
