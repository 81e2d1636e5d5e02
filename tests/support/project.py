"""A user's project in a temporary folder, driven through the Python API on a real database."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import dbwarden
from dbwarden import dialects
from dbwarden.core.sqltext import split
from tests.servers import engine_url
from tests.support.dump import dump


class Project:
    """``models`` puts the models of the next step in place; files and database stay."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.step = folder, url, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = url.partition(":")[0]

    @property
    def config(self) -> str:
        return str(self.folder / "warden.py")

    def models(self, source: str) -> None:
        """Write the models as a module of a new name, and the configuration that points at it."""
        self.step += 1
        name = f"models_{self.step}.py"
        (self.folder / name).write_text(source)
        (self.folder / "warden.py").write_text(
            "from dbwarden import database_config\n"
            f'primary = database_config(database_name="primary", default=True, database_type="{self.engine}",\n'
            f'    database_url_sync="{self.url}", model_paths=["{name}"])\n'
        )

    def reach(self, source: str, name: str = "change") -> None:
        """Bring the database to the models by a file that is not tried out: where a test begins."""
        self.models(source)
        self.generate(name, proof=False)
        self.migrate()

    def copied(self, folder: Path, url: str) -> Project:
        """The same project elsewhere, on a copy of its database."""
        shutil.copytree(self.folder, folder)
        config = folder / "warden.py"
        config.write_text(config.read_text().replace(self.url, url))
        copy = Project(folder, url)
        copy.step = self.step
        return copy

    def generate(self, name: str | None = "change", **options: Any) -> Any:
        return dbwarden.make_migrations(name=name, config=self.config, **options)

    def migrate(self, *, preflight: bool | None = None) -> Any:
        options = dbwarden.MigrateOptions(force=True, preflight=preflight)
        return dbwarden.migrate(config=self.config, options=options)

    def rollback(self, count: int = 1) -> Any:
        return dbwarden.rollback(config=self.config, count=count, options=dbwarden.RollbackOptions(force=True))

    def dump(self) -> list[str]:
        return dump(self.url)

    def files(self) -> list[Path]:
        return sorted((self.folder / "migrations" / "primary").glob("*.sql"))

    def execute(self, script: str) -> None:
        """Run statements outside of the tool."""
        engine = sa.create_engine(engine_url(self.url), poolclass=sa.NullPool)
        with engine.begin() as connection:
            if engine.dialect.name in ("mysql", "mariadb"):
                connection.exec_driver_sql("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
            for statement in split(script, dialects.get(self.engine).lexical_rules):
                connection.exec_driver_sql(statement.text, execution_options={"no_parameters": True})
        engine.dispose()

    def rows(self, tables: dict[str, list[str]]) -> dict[str, list[tuple[str, ...]]]:
        """All rows of the columns, as text, sorted; tables and columns by quoted name."""
        engine = sa.create_engine(engine_url(self.url), poolclass=sa.NullPool)
        rows = {}
        with engine.connect() as connection:
            if engine.dialect.name in ("mysql", "mariadb"):
                connection.exec_driver_sql("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
            for table, columns in tables.items():
                listed = ", ".join(columns)
                cursor = connection.exec_driver_sql(
                    f"SELECT {listed} FROM {table}", execution_options={"no_parameters": True}
                )
                rows[table] = sorted(tuple(str(value) for value in row) for row in cursor)
        engine.dispose()
        return rows

    def content(self) -> dict[str, list[tuple[str, ...]]]:
        """Every row of every table but those of the tool, as text, sorted; tables and columns by their quoted names."""
        engine = sa.create_engine(engine_url(self.url), poolclass=sa.NullPool)
        inspector = sa.inspect(engine)
        schemas = [name for name in inspector.get_schema_names() if name != "information_schema"]
        if engine.dialect.name in ("mysql", "mariadb"):  # where these are the server's databases
            schemas = [str(inspector.default_schema_name)]
        tables = {
            (f'"{name}"' if schema == inspector.default_schema_name else f'"{schema}"."{name}"'): sorted(
                f'"{column["name"]}"' for column in inspector.get_columns(name, schema)
            )
            for schema in schemas
            for name in inspector.get_table_names(schema)
            if not name.startswith("dbwarden_")
        }
        engine.dispose()
        return self.rows(tables)


def metadata_of(source: str) -> sa.MetaData:
    """The ``metadata`` that a module's source defines."""
    namespace: dict[str, Any] = {"__name__": "models"}
    exec(compile(source, "models", "exec"), namespace)
    metadata: sa.MetaData = namespace["metadata"]
    return metadata


def create_all(metadata: sa.MetaData, url: str) -> None:
    """What SQLAlchemy itself builds, its schemas included."""
    engine = sa.create_engine(engine_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for schema in sorted({table.schema for table in metadata.tables.values() if table.schema}):
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        metadata.create_all(connection)
    engine.dispose()


def built_by_sqlalchemy(table: sa.Table) -> bool:
    """Whether the dialect of clickhouse-connect writes all that a table says: it needs an engine, and knows neither checks nor
    skipping indexes."""
    checks = any(isinstance(item, sa.CheckConstraint) for item in table.constraints)
    return hasattr(table, "engine") and not (checks or table.indexes or table.info)


def is_foreign(table: sa.Table) -> bool:
    """Whether the rows of a table are on another server, which the tests do not have."""
    return "server" in table.info.get("dbwarden", {})


def common_columns(before: sa.MetaData, after: sa.MetaData) -> dict[str, list[str]]:
    """Quoted names of the tables and of the columns that both have: what must survive a migration."""
    columns = {}
    for key, table in before.tables.items():
        other = after.tables.get(key)
        if other is None or is_foreign(table):
            continue
        names = [column.name for column in table.columns if column.name in other.columns and column.computed is None]
        quoted = f'"{table.schema}"."{table.name}"' if table.schema else f'"{table.name}"'
        columns[quoted] = [f'"{name}"' for name in names]
    return columns
