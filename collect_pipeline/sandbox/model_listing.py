"""The list of `/models`: its parameters, filters, orders and cursors, in basic form.

Source: `src/pages/api/v1/models/index.ts`. Left out: period, favourites, maturity of single models.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from collect_pipeline.sandbox.catalogue import JsonObject, Model
from collect_pipeline.sandbox.clock import iso
from collect_pipeline.sandbox.messages import Request
from collect_pipeline.sandbox.paging import next_page
from collect_pipeline.sandbox.parameters import ParameterReader, Query, ZodError

MODEL_SORTS = (
    "Highest Rated", "Most Downloaded", "Most Liked", "Most Discussed", "Most Collected", "Most Images",
    "Newest", "Oldest",
)  # fmt: skip


@dataclass(frozen=True)
class ModelQuery:
    """The parameters of `/models` after the schema; empty means not given."""

    limit: int
    page: int
    cursor: str
    text: str
    ids: tuple[int, ...]
    tag: str
    username: str
    types: tuple[str, ...]
    base_models: tuple[str, ...]
    sort: str


def read_model_query(query: Query) -> ModelQuery:
    """Read the query of `/models`; ZodError holds every issue in it."""
    reader = ParameterReader(query)
    found = ModelQuery(
        limit=reader.number("limit", 100, lowest=0, highest=100) or 0,
        page=reader.number("page", lowest=1) or 0,
        cursor=reader.text("cursor"),
        text=reader.text("query"),
        ids=reader.numbers("ids"),
        tag=reader.text("tag"),
        username=reader.text("username"),
        types=reader.listed("types"),
        base_models=reader.listed("baseModels"),
        sort=reader.choice("sort", MODEL_SORTS) or "Highest Rated",
    )
    if reader.issues:
        raise ZodError(reader.issues)
    return found


def list_models(models: Sequence[Model], ask: ModelQuery, request: Request) -> tuple[list[Model], JsonObject]:
    """The models of one page and its `metadata`."""
    rows = sorted((model for model in models if _matches(model, ask)), key=lambda model: _rank(model, ask.sort))
    start = _start(rows, ask)
    found = rows[start : start + ask.limit]
    if start + ask.limit >= len(rows) or not found:
        return found, {}
    if ask.page:
        return found, {
            "currentPage": ask.page,
            "pageSize": ask.limit,
            "nextPage": next_page(request, ("page", str(ask.page + 1))),
        }
    cursor = str(start + ask.limit) if ask.text else _cursor(rows[start + ask.limit], ask.sort)
    return found, {"nextCursor": cursor, "nextPage": next_page(request, ("cursor", cursor))}


def _start(rows: Sequence[Model], ask: ModelQuery) -> int:
    if ask.text:
        return int(ask.cursor) if ask.cursor.isdigit() else 0
    if ask.page:
        return (ask.page - 1) * ask.limit
    cursors = [_cursor(row, ask.sort) for row in rows]
    return cursors.index(ask.cursor) if ask.cursor in cursors else 0


def _cursor(model: Model, sort: str) -> str:
    if sort in {"Newest", "Oldest"}:
        return f"{iso(_published_ms(model))}|{model.model_id}"
    return f"{model.thumbs_up}|{model.downloads or 0}|{model.model_id}"


def _rank(model: Model, sort: str) -> tuple[int, int]:
    if sort in {"Newest", "Oldest"}:
        moment = _published_ms(model)
        return (moment if sort == "Oldest" else -moment), model.model_id
    count = model.downloads or 0 if sort == "Most Downloaded" else model.thumbs_up
    return -count, model.model_id


def _published_ms(model: Model) -> int:
    return max(version.published_ms for version in model.versions)


def _matches(model: Model, ask: ModelQuery) -> bool:
    base_models = {version.base_model for version in model.versions}
    return (
        (not ask.ids or model.model_id in ask.ids)
        and ask.text.lower() in model.name.lower()
        and (not ask.tag or ask.tag in model.tags)
        and (not ask.username or ask.username == model.creator)
        and (not ask.types or model.model_type in ask.types)
        and (not ask.base_models or bool(base_models & set(ask.base_models)))
    )
