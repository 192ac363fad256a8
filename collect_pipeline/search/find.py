"""Finding the prompts that a query asks for, in SQL, the most relevant first.

Words match as whole words in the form in which the taxonomy's phrases do: case, accents and `_` do not count, and every
Chinese or Japanese character is a word, so that those scripts need no spaces.
"""

from dataclasses import dataclass
from importlib import resources

from collect_pipeline.search.errors import QueryError
from collect_pipeline.search.query import Query
from collect_pipeline.warehouse.connection import Connection


@dataclass(frozen=True)
class FoundPrompt:
    """One prompt. `score` is its relevance (0 without words), `reactions` the most that one of its images has.

    `length` is in characters, `keywords` are the phrases found by category, `similar` counts the near-duplicates that
    match too, `best_image` is the page of the image with most reactions.
    """

    prompt_id: int
    prompt: str
    score: float
    reactions: int
    images: int
    similar: int
    length: int
    nsfw_level: str | None
    primary_category: str | None
    categories: list[str]
    keywords: dict[str, list[str]]
    model_version_ids: list[int]
    best_image: str | None


@dataclass(frozen=True)
class Found:
    """What a query found. `matching` prompts may be shown, `hidden` ones match but are of another maturity level."""

    prompts: list[FoundPrompt]
    matching: int
    hidden: int


def find(connection: Connection, query: Query) -> Found:
    """Find prompts; leaves temporary tables on the connection and nothing in the file.

    Raises:
        QueryError: a term holds no word.
    """
    forms = _forms(connection, query.terms)
    if forms:
        connection.execute(_sql("score_prompts"), {"forms": forms})
    else:
        connection.execute("CREATE OR REPLACE TEMP TABLE scored (prompt_id BIGINT, score DOUBLE)")
    connection.execute(
        _sql("match_prompts"),
        {
            "any_prompt": not forms,
            "categories": list(set(query.categories)),
            "phrases": list(query.phrases),
            "loras": list(query.loras),
            "version_id": query.version_id,
            "min_length": query.min_length,
            "max_length": query.max_length,
            "min_reactions": query.min_reactions,
            "levels": None if query.levels is None else list(query.levels),
        },
    )
    [(matching, hidden)] = connection.execute(
        "SELECT count(*) FILTER (is_shown), count(*) FILTER (NOT is_shown) FROM matched"
    ).fetchall()
    rows = connection.execute(_sql("list_results"), {"similar": query.similar, "limit": query.limit}).fetchall()
    return Found([FoundPrompt(*row) for row in rows], matching, hidden)


def _forms(connection: Connection, terms: tuple[str, ...]) -> list[str]:
    forms: dict[str, None] = {}
    for term in terms:
        [(form,)] = connection.execute("SELECT match_form(?)", [term]).fetchall()
        if not form:
            raise QueryError(f"there is no word to search for in {term!r}.")
        forms[form] = None
    return list(forms)


def _sql(name: str) -> str:
    return (resources.files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
