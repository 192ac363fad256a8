"""The dataset card: a README.md that people read, with the front matter that the Hugging Face hub reads.

Builds text from plain values; reads neither the warehouse nor the files.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from string import Template

from collect_pipeline.civitai.levels import level_names
from collect_pipeline.dataset.facts import Facts, Version
from collect_pipeline.dataset.formats import Format, type_in_files
from collect_pipeline.dataset.front_matter import front_matter, is_mature
from collect_pipeline.dataset.reading import DATASETS, READING
from collect_pipeline.dataset.tables import TABLES, Column

_SHOWN_VERSIONS = 100


def card(
    facts: Facts, file_format: Format, columns: Mapping[str, Sequence[Column]], rows: Mapping[str, int], stamp: str
) -> str:
    """The whole card. `columns` and `rows` are by table, `stamp` is in the names of the files."""
    head = front_matter(facts, file_format, columns, rows, stamp)
    return f"---\n{head}\n---\n\n{_body(facts, file_format, columns, rows)}"


def body_of(card_text: str) -> str:
    """A card without its front matter: Markdown for people."""
    return card_text.split("\n---\n", 1)[1].lstrip()


def _body(facts: Facts, file_format: Format, columns: Mapping[str, Sequence[Column]], rows: Mapping[str, int]) -> str:
    template = Template((resources.files(__package__) / "card.txt").read_text(encoding="utf-8"))
    examples = READING[file_format]
    version_id = str(facts.versions[0].model_version_id) if facts.versions else "0"
    return template.substitute(
        written=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        format={Format.PARQUET: "Parquet", Format.CSV: "CSV", Format.JSONL: "JSON Lines"}[file_format],
        images=_number(facts.images),
        images_with_prompt=_number(facts.images_with_prompt),
        prompts=_number(facts.prompts),
        clusters=_number(facts.clusters),
        posted=_span(facts.first_posted_at, facts.last_posted_at),
        collected=_span(facts.first_collected_at, facts.last_seen_at),
        levels=level_names(facts.browsing_levels) or "not rated",
        nsfw_levels=", ".join(f"{level} {_number(count)}" for level, count in facts.nsfw_levels.items()),
        mature=_mature_sentence(facts),
        version_table=_version_table(facts.versions),
        category_table=_rows(
            ("category", "prompts"), [(name, _number(count)) for name, count in facts.categories.items()]
        ),
        row_counts=_rows(
            ("config", "one row for each", "rows", "files"),
            [(t.name, t.row, _number(rows[t.name]), f"`{t.name}/*/*.{file_format}`") for t in TABLES],
        ),
        encoding=examples.encoding,
        example_version=examples.version.replace("$version_id", version_id),
        example_duckdb=examples.duckdb,
        example_pandas=examples.pandas,
        example_polars=examples.polars,
        example_datasets=DATASETS,
        fields="\n\n".join(_fields(table.name, columns[table.name], file_format) for table in TABLES),
        taxonomy=f" (taxonomy {facts.taxonomy_version})" if facts.taxonomy_version else "",
    )


def _mature_sentence(facts: Facts) -> str:
    if is_mature(facts):
        return (
            "**Not for all audiences.** Mature wording or prompts of mature images are among them; filter by "
            "`nsfw_level` (of the wording) and `browsing_level` (of the images)."
        )
    if facts.unrated_images:
        images = "1 image" if facts.unrated_images == 1 else f"{_number(facts.unrated_images)} images"
        return (
            f"The maturity of {images} is not known (no `browsing_level`). No other image is rated above PG-13, and no "
            "wording is known to be mature."
        )
    return "No image is rated above PG-13, and no wording is known to be mature."


def _version_table(versions: Sequence[Version]) -> str:
    table = _rows(
        ("model", "version", "base model", "model_version_id", "images", "prompts"),
        [
            (
                _model(version),
                _cell(version.version_name),
                _cell(version.base_model),
                str(version.model_version_id),
                _number(version.images),
                _number(version.prompts),
            )
            for version in versions[:_SHOWN_VERSIONS]
        ],
    )
    more = len(versions) - _SHOWN_VERSIONS
    return f"{table}\n\nAnd {_number(more)} more." if more > 0 else table


def _model(version: Version) -> str:
    if version.model_id is None:
        return "not followed"
    url = f"https://civitai.com/models/{version.model_id}?modelVersionId={version.model_version_id}"
    return f"[{_cell(version.model_name) or version.model_id}]({url})"


def _fields(name: str, columns: Sequence[Column], file_format: Format) -> str:
    rows = [
        (f"`{column.name}`", f"`{type_in_files(column, file_format)}`", _cell(column.meaning)) for column in columns
    ]
    return f"### {name}\n\n{_rows(('field', 'type', 'meaning'), rows)}"


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str | None) -> str:
    """Names come from outside: nothing in them may end the cell or begin a link or tag."""
    plain = " ".join((text or "").split())
    return "".join(f"\\{character}" if character in "\\|[]<>`*_" else character for character in plain)


def _number(count: int) -> str:
    return f"{count:,}"


def _span(first: datetime | None, last: datetime | None) -> str:
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first and last else "unknown"
