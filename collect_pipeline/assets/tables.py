"""Small tables and numbers of the warehouse as Dagster metadata that a person reads in the UI."""

from collections.abc import Sequence

import dagster as dg

from collect_pipeline.warehouse.connection import Connection


def table(connection: Connection, query: str, parameters: Sequence[object] = ()) -> dg.TableMetadataValue:
    """The result of a query, some ten rows, as a table; every value is shown as text or number."""
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description or []]
    rows = cursor.fetchall()
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: _shown(value) for name, value in zip(names, row, strict=True)}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name, _type_of(rows, i)) for i, name in enumerate(names)]),
    )


def column_schema(connection: Connection, name: str) -> dg.TableSchema:
    """The columns of a warehouse table with their types and the comments that the schema gives them."""
    rows = connection.execute(
        "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE table_name = ? AND NOT internal ORDER BY column_index",
        [name],
    ).fetchall()
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column, kind, description=comment, constraints=dg.TableColumnConstraints(nullable=nullable))
            for column, kind, nullable, comment in rows
        ]
    )


def count(connection: Connection, query: str, parameters: Sequence[object] = ()) -> int:
    """The one number that a query gives."""
    row = connection.execute(query, list(parameters)).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def prompts_of_version(connection: Connection, model_version_id: int) -> None:
    """Make the temporary table `prompts_of_version`: the prompts of the images found under a version."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE prompts_of_version AS SELECT DISTINCT prompt_id FROM images "
        "JOIN image_versions USING (image_id) WHERE model_version_id = ? AND prompt_id IS NOT NULL",
        [model_version_id],
    )


def _shown(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _type_of(rows: Sequence[Sequence[object]], place: int) -> str:
    return "number" if rows and all(isinstance(row[place], int | float) for row in rows) else "string"
