"""Measures check-impact on a generated code base.

    python -m benchmarks.impact [--lines 200000] [--rounds 3]

The tree has models, services and SQL as applications have them. Three questions: a column whose name all tables share, so
that it stands in every file; one with a name of its own; and one that is really used everywhere, so that nothing can be
left out and the report has thousands of lines.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from dbwarden import check_impact

MODEL = '''
class {name}(Base):
    """A {table} of the shop."""

    __tablename__ = "{table}"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    {table}_code: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(200))
'''
SERVICE = '''

def {table}_step_{number}(session: Session, item: {name}, given: dict[str, str], root: Thing0) -> list[{name}]:
    """Find what waits beside this {table}, by its status."""
    wanted = given.get("state", "open")
    statement = select({name}).where({name}.id > item.id).order_by({name}.id)
    found = []
    for one in session.scalars(statement):
        if one.note and wanted in one.note:
            one.status = wanted
            found.append(one)
    total = len(root.{owner_column})
    for position, one in enumerate(found):
        total += len(one.note or "") * position
        if total > {number}:
            break
    rows = session.execute(text("SELECT id, note FROM {table} WHERE status = :wanted"), {{"wanted": wanted}})
    logger.info("%s of %s: status %s", total, [row.id for row in rows], wanted)
    return found
'''
QUERY = "SELECT t.id, t.note, o.status\nFROM {table} t\nJOIN orders o ON o.id = t.id\nWHERE t.status = 'open';\n\n"
TABLES = 40
QUESTIONS = {
    ("0002", "thing7", "status"): "a column name that every file has, of one table in forty",
    ("0003", "thing7", "thing7_code"): "a column name of its own that nothing uses",
    ("0004", "thing0", "thing0_code"): "a column that every function uses",
}
PER_FILE = 20


def write(folder: Path, lines: int) -> int:
    """A project of about that many lines of code; how many there are."""
    names = [(f"Thing{number}", f"thing{number}") for number in range(TABLES)]
    head = "from sqlalchemy import String\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
    models = head + "class Base(DeclarativeBase):\n    pass\n\n"
    models += "\n".join(MODEL.format(name=name, table=table) for name, table in names)
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "models.py").write_text(models)
    count, number = models.count("\n"), 0
    while count < lines:
        name, table = names[number % TABLES]
        head = "import logging\n\nfrom sqlalchemy import select, text\nfrom sqlalchemy.orm import Session\n\n"
        head += f"from app.models import Thing0, {name}\n\nlogger = logging.getLogger(__name__)\n"
        steps = (
            SERVICE.format(name=name, table=table, number=step, owner_column="thing0_code") for step in range(PER_FILE)
        )
        package = folder / "app" / f"part{number // 50}"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
        source = head + "".join(steps)
        (package / f"service{number}.py").write_text(source)
        query = QUERY.format(table=table) * 2
        (package / f"query{number}.sql").write_text(query)
        count += source.count("\n") + query.count("\n")
        number += 1
    configure(folder, names)
    return count


def configure(folder: Path, names: list[tuple[str, str]]) -> None:
    """The configuration and three migrations: the tables, and the columns that are asked for."""
    (folder / "warden.py").write_text(
        "from dbwarden import database_config\n"
        'primary = database_config(database_name="primary", default=True, database_type="sqlite",\n'
        '    database_url_sync="sqlite:///shop.db", model_paths=["app.models"])\n'
    )
    migrations = folder / "migrations" / "primary"
    migrations.mkdir(parents=True)
    columns = "id INTEGER NOT NULL PRIMARY KEY, status VARCHAR(20), {0}_code VARCHAR(20), note VARCHAR(200)"
    tables = "".join(f"CREATE TABLE {table} ({columns.format(table)});\n" for _, table in names)
    (migrations / "0001_tables.sql").write_text(f"-- upgrade\n{tables}\n-- rollback\n")
    for version, table, column in QUESTIONS:
        sql = f"ALTER TABLE {table} DROP COLUMN {column};\n"
        (migrations / f"{version}_drop.sql").write_text(f"-- upgrade\n{sql}\n-- rollback\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = write(folder, options.lines)
        for (version, _, _), what in QUESTIONS.items():
            seconds = []
            for _ in range(options.rounds):
                start = time.perf_counter()
                report = check_impact(version, config=str(folder / "warden.py"))
                seconds.append(time.perf_counter() - start)
            median = statistics.median(seconds)
            print(f"{what}: {len(report.uses)} uses in {report.file_count} files, {lines} lines: {median:.2f} s")


if __name__ == "__main__":
    main()
