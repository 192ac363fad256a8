"""The two tables of the dataset: which rows, which columns, and what those mean.

Reads the warehouse's views; knows nothing of file formats or folders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from collect_pipeline.warehouse.connection import Connection

PARTITION = "model_version_id"
"""Every row stands in the folder of one version; 0: none is known. The column is in the name of that folder only."""


NUMERALS = frozenset({"seed"})
"""Text of digits only, which readers of CSV would take for numbers and round."""


@dataclass(frozen=True)
class Table:
    """A table: `query` gives its rows in the order written, with `model_version_id` as the last column."""

    name: str
    row: str
    view: str
    meanings: Mapping[str, str]

    @property
    def query(self) -> str:
        """The SQL that gives all rows."""
        return (resources.files(__package__) / "sql" / f"{self.name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Column:
    """A column in the files. `type` is DuckDB's, such as `VARCHAR[]`."""

    name: str
    type: str
    meaning: str


PROMPTS = Table(
    "prompts",
    "distinct prompt",
    "v_prompts",
    {
        "keywords": "all phrases found, of whatever category",
        "category_keywords": "for each category the phrases found that say so",
    },
)
IMAGES = Table(
    "images",
    "image",
    "v_images",
    {
        "prompt_id": "the row of prompts; 0 for images without a prompt",
        "seed": "of the random numbers; text, since seeds exceed 64 bits",
        "resources": "LoRAs, checkpoints, embeddings …; source: where the image names it",
    },
)
TABLES = (PROMPTS, IMAGES)


def columns(connection: Connection, table: Table) -> list[Column]:
    """The columns of the files, in order, with the meanings that the warehouse's comments give them."""
    described = connection.execute(f"DESCRIBE {table.query}").fetchall()
    comments: dict[str, str] = dict(
        connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ? AND NOT internal", [table.view]
        ).fetchall()
    )
    meanings = comments | dict(table.meanings)
    return [Column(name, kind, meanings[name]) for name, kind, *_ in described if name != PARTITION]
