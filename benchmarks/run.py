"""Measures DBWarden beside Alembic and beside the floor, in turn within one run, and writes docs/benchmarks.md.

    python -m benchmarks.run [--tables 10,100,1000] [--engines sqlite,postgresql] [--rounds 5] [--only files] [--no-write]

Every figure is the median wall time of whole processes that take turns (tool, floor, Alembic, tool, ...), so that a machine
that slows down slows all of them; what to read is the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from . import impact, project, report
from .report import Row

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent


@dataclass
class Bench:
    """A project folder with its database."""

    folder: Path
    engine: str
    url: str
    rounds: int

    def run(self, *argv: str, ok: tuple[int, ...] = (0,)) -> float:
        """Seconds that a process takes; its output is kept for the message if it fails."""
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}", "NO_COLOR": "1"}
        environment.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # or every run would compile what an installed package has compiled
        start = time.perf_counter()
        done = subprocess.run(argv, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        took = time.perf_counter() - start
        if done.returncode not in ok:
            raise SystemExit(
                f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return took

    def warden(self, *argv: str, ok: tuple[int, ...] = (0,)) -> float:
        return self.run(str(BIN / "dbwarden"), *argv, ok=ok)

    def alembic(self, *argv: str, ok: tuple[int, ...] = (0,)) -> float:
        return self.run(str(BIN / "alembic"), *argv, ok=ok)

    def floor(self, statements: list[list[object]], *flags: str) -> float:
        path = self.folder / "statements.json"
        path.write_text(json.dumps(statements, default=str))
        return self.run(
            PYTHON, "-m", "benchmarks.floor", self.url.replace("warden_bench", "floor_bench"), str(path), *flags
        )

    def fresh(self, *names: str) -> None:
        """Empty databases."""
        for name in names or ("warden_bench", "alembic_bench", "floor_bench"):
            if self.engine == "sqlite":
                (self.folder / f"{name}.db").unlink(missing_ok=True)
            else:
                _postgresql_recreate(self.url, name)


def _postgresql_recreate(url: str, name: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("warden_bench", "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")


def median(
    bench: Bench, contenders: dict[str, Callable[[], float]], before: Callable[[], None] | None = None
) -> dict[str, float]:
    """Median seconds per contender; they take turns, after one round that does not count."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(bench.rounds + 1):
        for name, run in contenders.items():
            if before:
                before()
            took = run()
            if turn:
                samples[name].append(took)
    return {name: statistics.median(values) for name, values in samples.items()}


def recorded(bench: Bench, call: str) -> list[list[object]]:
    """The statements that a call of the Python API sends, recorded in a process of its own."""
    script = (
        "import json, sys, dbwarden\nfrom dbwarden.runtime import connection\nsent = []\n"
        "for name in ('_query', '_execute'):\n"
        "    def wrap(inner):\n"
        "        def method(self, sql, params=None):\n"
        "            found = inner(self, sql, params)\n"
        "            sent.append((sql, dict(params) if params is not None else None))\n"
        "            return found\n"
        "        return method\n"
        "    setattr(connection.DatabaseConnection, name, wrap(getattr(connection.DatabaseConnection, name)))\n"
        f"{call}\nopen('recorded.json', 'w').write(json.dumps(sent, default=str))\n"
    )
    bench.run(PYTHON, "-c", script)
    statements: list[list[object]] = json.loads((bench.folder / "recorded.json").read_text())
    return [
        entry for entry in statements if str(entry[0]).upper() not in ("BEGIN", "COMMIT", "ROLLBACK", "BEGIN IMMEDIATE")
    ]


@contextmanager
def workspace(engine: str, server: str | None, rounds: int) -> Iterator[Bench]:
    """A temporary project with empty databases."""
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    try:
        url = f"sqlite:///{folder}/warden_bench.db" if server is None else server.rsplit("/", 1)[0] + "/warden_bench"
        bench = Bench(folder, engine, url, rounds)
        project.write_project(folder, url, engine)
        bench.fresh()
        yield bench
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def schema_rows(bench: Bench, tables: int) -> Iterator[Row]:
    """Generation, first migration, no-op and one-column diff on ``tables`` tables."""
    size = f"{tables} tables"
    project.write_models(bench.folder, tables)
    migrations = bench.folder / "migrations"
    versions = bench.folder / "alembic" / "versions"

    def no_files() -> None:
        shutil.rmtree(migrations, ignore_errors=True)
        for path in versions.glob("*.py"):
            path.unlink()

    catalogue = recorded(bench, "dbwarden.diff()")
    print(f"{bench.engine}, {size}: {len(catalogue)} statements for a diff", flush=True)
    yield Row("catalogue queries of a diff", bench.engine, size, "<= 15", {"statements": len(catalogue)})
    yield Row("generation", bench.engine, size, "1.4", median(bench, {
        "dbwarden": lambda: bench.warden("make-migrations", "first", "--no-proof"),
        "floor": lambda: bench.floor(catalogue, "--models"),
        "alembic": lambda: bench.alembic("revision", "--autogenerate", "-m", "first"),
    }, no_files))  # fmt: skip
    yield Row("generation, tried out (up to 1000 statements)", bench.engine, size, "1.5", median(bench, {
        "dbwarden": lambda: bench.warden("make-migrations", "first"),
        "floor": lambda: bench.warden("make-migrations", "first", "--no-proof"),
    }, no_files))  # fmt: skip
    no_files()
    bench.warden("make-migrations", "first")
    bench.alembic("revision", "--autogenerate", "-m", "first")
    statements = [[text, None] for text in _statements(next((migrations / "primary").glob("*.sql")))]
    yield Row("first migration applied", bench.engine, size, "1.5", median(bench, {
        "dbwarden": lambda: bench.warden("migrate"),
        "floor": lambda: bench.floor(statements),
        "alembic": lambda: bench.alembic("upgrade", "head"),
    }, bench.fresh))  # fmt: skip
    bench.fresh()
    bench.warden("migrate")
    bench.alembic("upgrade", "head")
    bench.floor(statements)
    yield Row("no-op diff", bench.engine, size, "1.3", median(bench, {
        "dbwarden": lambda: bench.warden("diff"),
        "floor": lambda: bench.floor(catalogue, "--models"),
        "alembic": lambda: bench.alembic("check"),
    }))  # fmt: skip
    project.write_models(bench.folder, tables, extra_column=True)
    yield Row("one-column diff", bench.engine, size, "1.3", median(bench, {
        "dbwarden": lambda: bench.warden("diff"),
        "floor": lambda: bench.floor(catalogue, "--models"),
        "alembic": lambda: bench.alembic("check", ok=(1, 255)),
    }))  # fmt: skip


def _statements(path: Path) -> list[str]:
    upgrade = path.read_text().split("-- upgrade\n", 1)[1].split("\n-- rollback\n", 1)[0]
    return [text.strip() for text in upgrade.split(";\n") if text.strip()]


def small_file_rows(bench: Bench, count: int = 1000) -> Iterator[Row]:
    """Many small files, one transaction each. What the disk does to each of them varies: more turns than elsewhere."""
    bench = replace(bench, rounds=max(bench.rounds, 7))
    project.write_models(bench.folder, 1)
    project.write_small_files(bench.folder, count)
    statements = [[project.small_statement(at)[0], None] for at in range(1, count + 1)]
    yield Row("small files applied", bench.engine, f"{count} files", "1.4", median(bench, {
        "dbwarden": lambda: bench.warden("migrate"),
        "floor": lambda: bench.floor(statements, "--each", "--files", "migrations/primary"),
        "alembic": lambda: bench.alembic("upgrade", "head"),
    }, bench.fresh))  # fmt: skip


def status_rows(bench: Bench, count: int = 10_000) -> Iterator[Row]:
    """``status`` with many applied migrations; it must not depend on tables or models."""
    project.write_models(bench.folder, 1)
    project.write_small_files(bench.folder, count)
    bench.warden("migrate", "--baseline")
    bench.alembic("stamp", "head")
    queries = recorded(bench, "dbwarden.status()")
    bench.fresh("floor_bench")
    if bench.engine == "sqlite":
        shutil.copy(bench.folder / "warden_bench.db", bench.folder / "floor_bench.db")
    else:
        _postgresql_copy(bench.url)
    yield Row("status", bench.engine, f"{count} applied", "5", median(bench, {
        "dbwarden": lambda: bench.warden("status"),
        "floor": lambda: bench.floor(queries, "--files", "migrations/primary"),
        "alembic": lambda: bench.alembic("current"),
    }))  # fmt: skip


def _postgresql_copy(url: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("warden_bench", "postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS floor_bench WITH (FORCE)")
        connection.execute("CREATE DATABASE floor_bench TEMPLATE warden_bench")


def start_rows(bench: Bench) -> Iterator[Row]:
    """What a command costs before it does anything."""
    project.write_models(bench.folder, 10)
    yield Row("--help", bench.engine, "-", "0.4 of Alembic", median(bench, {
        "dbwarden": lambda: bench.warden("--help"), "alembic": lambda: bench.alembic("--help"),
    }))  # fmt: skip
    bench.warden("make-migrations", "first")
    bench.alembic("revision", "--autogenerate", "-m", "first")
    bench.warden("migrate")
    bench.alembic("upgrade", "head")
    yield Row("status, one migration", bench.engine, "-", "0.25 of Alembic", median(bench, {
        "dbwarden": lambda: bench.warden("status"), "alembic": lambda: bench.alembic("current"),
    }))  # fmt: skip


def seed_rows(bench: Bench, statements: int = 100_000) -> Iterator[Row]:
    """``status`` with a large seed file that was applied long ago, beside a checkout without the file."""
    project.write_models(bench.folder, 1)
    project.write_small_files(bench.folder, 1)
    bench.warden("migrate")
    without = replace(bench, folder=Path(shutil.copytree(bench.folder, f"{bench.folder}-without")))
    written = project.write_seed(bench.folder, statements)
    try:
        bench.warden("migrate", "--baseline")
        yield Row("status, a seed file applied", bench.engine, f"{written / 1e6:.0f} MB", "+0.2 s", median(bench, {
            "dbwarden": lambda: bench.warden("status"), "floor": lambda: without.warden("status"),
        }))  # fmt: skip
    finally:
        shutil.rmtree(without.folder)


def impact_rows(bench: Bench, lines: int = 200_000) -> Iterator[Row]:
    """``check-impact`` over a large code base; no database is asked."""
    if bench.engine != "sqlite":
        return
    written = impact.write(bench.folder, lines)
    for (version, _, _), what in impact.QUESTIONS.items():
        yield Row(f"check-impact, {what}", "-", f"{written} lines", "-", median(bench, {
            "dbwarden": lambda version=version: bench.warden("check-impact", version),
        }))  # fmt: skip


BLOCKS = {
    "impact": impact_rows,
    "files": small_file_rows,
    "status": status_rows,
    "seed": seed_rows,
    "start": start_rows,
}


def measure(engines: list[str], tables: list[int], rounds: int, server: str | None, only: str | None) -> list[Row]:
    """All rows, or those of one block."""
    rows: list[Row] = []
    for engine in engines:
        where = server if engine == "postgresql" else None
        for size in tables if only in (None, "schema") else ():
            with workspace(engine, where, rounds if size < 1000 else max(2, rounds // 2)) as bench:
                rows += _shown(schema_rows(bench, size))
        for name, block in BLOCKS.items():
            if only in (None, name):
                with workspace(engine, where, rounds if name == "start" else max(2, rounds // 2)) as bench:
                    rows += _shown(block(bench))
    return rows


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print(report.line(row), flush=True)
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="10,100,1000")
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["schema", *BLOCKS], help="one block of rows")
    parser.add_argument("--no-write", action="store_true", help="print only")
    chosen = parser.parse_args()
    engines = chosen.engines.split(",")
    tables = [int(size) for size in chosen.tables.split(",")]
    if "postgresql" in engines:
        from tests.servers import postgresql

        with postgresql.running() as server:
            rows = measure(engines, tables, chosen.rounds, server.url("postgres"), chosen.only)
    else:
        rows = measure(engines, tables, chosen.rounds, None, chosen.only)
    if not chosen.no_write:
        (ROOT / "docs" / "benchmarks.md").write_text(report.page(rows))


if __name__ == "__main__":
    main()
