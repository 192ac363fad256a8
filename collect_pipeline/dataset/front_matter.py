"""The head of the dataset card in YAML, as the Hugging Face hub and `datasets` read it.

Columns are named with their types there, since CSV and JSON Lines alone leave a reader to guess them file by file.
"""

from collections.abc import Iterator, Mapping, Sequence

from duckdb import sqltype
from duckdb.sqltypes import DuckDBPyType

from collect_pipeline.dataset.facts import Facts
from collect_pipeline.dataset.formats import Format, type_in_files
from collect_pipeline.dataset.tables import TABLES, Column

_HARMLESS_LEVELS = 1 + 2
_MATURE_WORDING = {"mature", "explicit"}
_SIZES = [
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
]
_PLAIN_WORDS = ["  keep_default_na: false", "  na_values: ['']"]
"""For pandas, which reads CSV for `datasets`: prompts such as None and NA are prompts."""
_DTYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "DOUBLE": "float64",
    "TIMESTAMP WITH TIME ZONE": "timestamp[us, tz=UTC]",
}


def front_matter(
    facts: Facts, file_format: Format, columns: Mapping[str, Sequence[Column]], rows: Mapping[str, int], stamp: str
) -> str:
    """The YAML between the lines of three dashes. `columns` and `rows` are by table.

    `datasets` takes a dataset for the one that it has read already while its patterns of files are the same, so those
    hold `stamp`, as the files do.
    """
    tags = ["civitai", "prompts", "stable-diffusion", "text-to-image"]
    if is_mature(facts) or facts.unrated_images:
        tags.append("not-for-all-audiences")
    lines = [
        "pretty_name: Prompts of CivitAI images",
        "license: other",
        "license_name: rights-of-the-makers",
        *_listed("language", ["en", *facts.scripts]),
        *_listed("annotations_creators", ["machine-generated"]),
        *_listed("source_datasets", ["original"]),
        *_listed("size_categories", [_size(max(rows.values()))]),
        *_listed("tags", tags),
        "configs:",
    ]
    for position, table in enumerate(TABLES):
        lines += [
            f"- config_name: {table.name}",
            *(["  default: true"] if position == 0 else []),
            "  data_files:",
            "  - split: train",
            f"    path: {table.name}/*/{stamp}-*.{file_format}",
            *(_PLAIN_WORDS if file_format is Format.CSV else []),
        ]
    lines.append("dataset_info:")
    for table in TABLES:
        lines += [f"- config_name: {table.name}", "  features:"]
        for column in columns[table.name]:
            kind = sqltype(type_in_files(column, file_format))
            lines += [f"  {line}" for line in _feature(column.name, kind)]
    return "\n".join(lines)


def _listed(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"- {value}" for value in values)]


def _size(rows: int) -> str:
    return next((name for bound, name in _SIZES if rows < bound), "100M<n<1B")


def _feature(name: str, kind: DuckDBPyType) -> Iterator[str]:
    """A column in the words of `datasets`, as lines of YAML."""
    yield f"- name: {name}"
    element = _children(kind).get("child")
    if element is None:
        yield f"  dtype: {_DTYPES[str(kind)]}"
    elif fields := _children(element):
        yield "  list:"
        for field, field_kind in fields.items():
            yield from (f"  {line}" for line in _feature(field, field_kind))
    else:
        yield f"  list: {_DTYPES[str(element)]}"


def _children(kind: DuckDBPyType) -> dict[str, DuckDBPyType]:
    """The fields of a structure, or the elements of a list under the name `child`; nothing for plain types."""
    if kind.id not in {"list", "struct"}:
        return {}
    return {name: child for name, child in kind.children if isinstance(child, DuckDBPyType)}


def is_mature(facts: Facts) -> bool:
    """Whether mature images or mature wording are known to be among the content."""
    return bool(facts.browsing_levels & ~_HARMLESS_LEVELS) or not _MATURE_WORDING.isdisjoint(facts.nsfw_levels)
