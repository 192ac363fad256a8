"""The schema as numbered files, each applied once and recorded in `schema_migrations`.

Knows a connection and the folder `migrations`; never opens the file itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import duckdb

from collect_pipeline.warehouse.errors import WarehouseUnusableError


@dataclass(frozen=True)
class Migration:
    """One file of `migrations`: `0001_initial.sql` is version 1, name `initial`."""

    version: int
    name: str
    sql: str


def known_migrations() -> list[Migration]:
    """All migrations of this version of the program, in order."""
    files = [file for file in _file("migrations").iterdir() if file.name.endswith(".sql")]
    migrations = []
    for file in sorted(files, key=lambda f: f.name):
        number, name = file.name.removesuffix(".sql").split("_", 1)
        migrations.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return migrations


def _file(name: str) -> Traversable:
    return resources.files(__package__) / name


def applied_versions(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The versions that this file has, empty for a new file."""
    exists = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migrations' AND NOT temporary"
    ).fetchone()
    if exists == (0,):
        return set()
    return {version for (version,) in connection.execute("SELECT version FROM schema_migrations").fetchall()}


def migrate(connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration] | None = None) -> list[Migration]:
    """Apply what is missing, all of it in one transaction, and return it.

    What tables and columns mean stands in `comments.sql`, which is applied after every change of the schema.

    Raises:
        WarehouseUnusableError: the file was made by a newer version of this program.
    """
    known = known_migrations() if migrations is None else list(migrations)
    applied = applied_versions(connection)
    newer = applied - {migration.version for migration in known}
    if newer:
        raise WarehouseUnusableError(
            f"the warehouse has schema version {max(newer)}, which this version of collect_pipeline does not know; "
            "update collect_pipeline."
        )
    missing = [migration for migration in known if migration.version not in applied]
    if not missing:
        return []
    connection.begin()
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            "version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)"
        )
        for migration in missing:
            connection.execute(migration.sql)
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, now()::TIMESTAMP)",
                [migration.version, migration.name],
            )
        if migrations is None:
            connection.execute(_file("comments.sql").read_text(encoding="utf-8"))
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return missing
