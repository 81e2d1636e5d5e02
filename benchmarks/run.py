"""Measures DBWarden beside Alembic and beside the floor, in turn within one run, and writes docs/benchmarks.md.

    python -m benchmarks.run [--tables 10,100,1000] [--engines sqlite,postgresql,mariadb,clickhouse] [--rounds 5]
                             [--only files] [--no-write] [--against CHECKOUT]

Every figure is the median wall time of whole processes that take turns (tool, floor, Alembic, tool, ...), so that a machine
that slows down slows all of them; what to read is the ratio. ``--against`` names another checkout of DBWarden, with an
environment of its own (``make .venv/.installed``): its program takes a turn in every row, in a project and a database of
its own, and the run ends with the rows in which this one is slower. The page is the same with and without.
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
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from operator import methodcaller
from pathlib import Path

from tests.servers import VENDORS, Server

from . import fleet, impact, project, report
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
    databases: tuple[str, ...] = ("warden_bench", "alembic_bench", "floor_bench")
    """Names of its databases, that of ``url`` first."""
    programs: Path = BIN
    """Folder of the ``dbwarden`` that is measured."""
    other: Bench | None = None
    """The same project for the other checkout (``--against``)."""
    server: Server | None = None
    """The server of its databases; ``None`` for files."""

    @property
    def projects(self) -> Iterator[Bench]:
        """This project, and that for the other checkout."""
        yield self
        if self.other is not None:
            yield self.other

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
        return self.run(str(self.programs / "dbwarden"), *argv, ok=ok)

    @property
    def has_alembic(self) -> bool:
        """Whether Alembic knows the engine."""
        return self.engine in project.OF_ALEMBIC

    def alembic(self, *argv: str, ok: tuple[int, ...] = (0,)) -> float:
        if not self.has_alembic:
            return 0.0
        return self.run(str(BIN / "alembic"), *argv, ok=ok)

    def floor(self, statements: list[list[object]], *flags: str, database: str = "floor_bench") -> float:
        path = self.folder / "statements.json"
        path.write_text(json.dumps(statements, default=str))
        url = self.url.replace("warden_bench", database)
        return self.run(PYTHON, "-m", "benchmarks.floor", url, str(path), *flags)

    def inspection(self) -> float:
        return self.run(str(self.programs / "python"), "-m", "benchmarks.inspection", self.url)

    def fresh(self) -> None:
        """Empty databases."""
        for name in self.databases:
            if self.server is None:
                (self.folder / f"{name}.db").unlink(missing_ok=True)
            else:
                self.server.drop_database(name)
                self.server.create_database(name)

    def copy(self, source: str, target: str) -> None:
        """A database that another one is a copy of."""
        if self.server is None:
            shutil.copy(self.folder / f"{source}.db", self.folder / f"{target}.db")
        else:
            self.server.drop_database(target)
            self.server.create_database(target, source)

    def without_files(self) -> None:
        """No migration of either tool."""
        shutil.rmtree(self.folder / "migrations", ignore_errors=True)
        for path in (self.folder / "alembic" / "versions").glob("*.py"):
            path.unlink()


def median(
    bench: Bench, contenders: dict[str, Callable[[Bench], float]], before: Callable[[Bench], None] | None = None
) -> dict[str, float]:
    """Median seconds per contender; they take turns, after one round that does not count.

    With another checkout its program takes a turn as ``other``, and ``against`` is the median of the turns' ratios: two
    processes that ran one after the other saw the same machine.
    """
    turns = [(name, run, bench) for name, run in contenders.items() if name != "alembic" or bench.has_alembic]
    if bench.other is not None and "dbwarden" in contenders:
        turns.insert(1, ("other", contenders["dbwarden"], bench.other))
    samples: dict[str, list[float]] = {name: [] for name, _, _ in turns}
    for turn in range(bench.rounds + 1):
        for name, run, project_of in turns:
            if before:
                before(project_of)
            took = run(project_of)
            if turn:
                samples[name].append(took)
    medians = {name: statistics.median(values) for name, values in samples.items()}
    if "other" in samples:
        pairs = zip(samples["dbwarden"], samples["other"], strict=True)
        medians["against"] = statistics.median(ours / theirs for ours, theirs in pairs)
    return medians


_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "BEGIN IMMEDIATE", "START TRANSACTION", "START TRANSACTION READ ONLY")


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
    return [entry for entry in statements if str(entry[0]).upper() not in _CONTROL]


@contextmanager
def workspace(options: Options, engine: str, rounds: int) -> Iterator[Bench]:
    """A temporary project with empty databases, and its like for the other checkout."""
    with (
        tempfile.TemporaryDirectory(prefix="bench") as name,
        tempfile.TemporaryDirectory(prefix="bench") as name_of_other,
    ):
        bench = _project(Path(name), options, engine, Bench.databases, rounds)
        if options.against is not None:
            other = _project(Path(name_of_other), options, engine, ("other_bench",), rounds)
            bench = replace(bench, other=replace(other, programs=options.against / ".venv" / "bin"))
        yield bench


def _project(folder: Path, options: Options, engine: str, databases: tuple[str, ...], rounds: int) -> Bench:
    server = options.servers.get(engine)
    url = f"sqlite:///{folder}/{databases[0]}.db" if server is None else server.url(databases[0])
    project.write_project(folder, url, engine)
    bench = Bench(folder, engine, url, rounds, databases, server=server)
    bench.fresh()
    return bench


def schema_rows(bench: Bench, tables: int) -> Iterator[Row]:
    """Generation, first migration, no-op and one-column diff on ``tables`` tables."""
    size = f"{tables} tables"
    for each in bench.projects:
        project.write_models(each.folder, tables)
    catalogue = recorded(bench, "dbwarden.diff()")
    print(f"{bench.engine}, {size}: {len(catalogue)} statements for a diff", flush=True)
    yield Row("catalogue queries of a diff", bench.engine, size, "<= 15", {"statements": len(catalogue)})
    yield Row("generation", bench.engine, size, "1.4", median(bench, {
        "dbwarden": lambda each: each.warden("make-migrations", "first", "--no-proof"),
        "floor": lambda each: each.floor(catalogue, "--models"),
        "alembic": lambda each: each.alembic("revision", "--autogenerate", "-m", "first"),
    }, Bench.without_files))  # fmt: skip
    yield Row("generation, tried out (up to 1000 statements)", bench.engine, size, "1.5", median(bench, {
        "dbwarden": lambda each: each.warden("make-migrations", "first"),
        "floor": lambda each: each.warden("make-migrations", "first", "--no-proof"),
    }, Bench.without_files))  # fmt: skip
    for each in bench.projects:
        each.without_files()
        each.warden("make-migrations", "first")
    bench.alembic("revision", "--autogenerate", "-m", "first")
    file = next((bench.folder / "migrations" / "primary").glob("*.sql"))
    statements, back = _statements(file)
    if file.read_text().startswith("-- proven"):
        yield Row("the statements of that trial alone", bench.engine, size, "-", median(bench, {
            "floor": lambda each: each.floor([*statements, *back, *statements]),
        }, Bench.fresh))  # fmt: skip
    yield Row("first migration applied", bench.engine, size, "1.5", median(bench, {
        "dbwarden": lambda each: each.warden("migrate"),
        "floor": lambda each: each.floor(statements),
        "alembic": lambda each: each.alembic("upgrade", "head"),
    }, Bench.fresh))  # fmt: skip
    for each in bench.projects:
        each.fresh()
        each.warden("migrate")
    bench.alembic("upgrade", "head")
    bench.floor(statements)
    yield Row("inspection", bench.engine, size, "-", median(bench, {
        "dbwarden": lambda each: each.inspection(), "floor": lambda each: each.floor(catalogue),
    }))  # fmt: skip
    yield Row("no-op diff", bench.engine, size, "1.3", median(bench, {
        "dbwarden": lambda each: each.warden("diff"),
        "floor": lambda each: each.floor(catalogue, "--models"),
        "alembic": lambda each: each.alembic("check"),
    }))  # fmt: skip
    for each in bench.projects:
        project.write_models(each.folder, tables, extra_column=True)
    yield Row("one-column diff", bench.engine, size, "1.3", median(bench, {
        "dbwarden": lambda each: each.warden("diff"),
        "floor": lambda each: each.floor(catalogue, "--models"),
        "alembic": lambda each: each.alembic("check", ok=(1, 255)),
    }))  # fmt: skip


def object_rows(bench: Bench, tables: int = 1000, objects: int = 300) -> Iterator[Row]:
    """Views and functions beside the tables. The floor of both rows sends the catalogue queries of the inspection; a diff also has
    the server print the declared texts."""
    size = f"{tables} tables, {objects} views, {objects} functions"
    for each in bench.projects:
        project.write_models(each.folder, tables)
        project.declare_objects(each.folder, objects)
        each.warden("make-migrations", "first", "--no-proof")
        each.warden("migrate")
    catalogue, source = recorded(bench, INSPECT.format(url=bench.url)), bench.databases[0]
    yield Row("catalogue queries of an inspection", bench.engine, size, "<= 15", {"statements": len(catalogue)})
    yield Row("inspection", bench.engine, size, "1.3", median(bench, {
        "dbwarden": lambda each: each.inspection(), "floor": lambda each: each.floor(catalogue, database=source),
    }))  # fmt: skip
    yield Row("no-op diff", bench.engine, size, "-", median(bench, {
        "dbwarden": lambda each: each.warden("diff"),
        "floor": lambda each: each.floor(catalogue, "--models", database=source),
    }))  # fmt: skip


INSPECT = "import sys\nfrom benchmarks import inspection\nsys.argv[1:] = [{url!r}]\ninspection.main()"


def _statements(path: Path) -> tuple[list[list[object]], list[list[object]]]:
    """The statements of a generated file, for both directions."""
    upgrade, rollback = path.read_text().split("-- upgrade\n", 1)[1].split("\n-- rollback\n", 1)
    both = ([text.strip() for text in section.split(";\n") if text.strip()] for section in (upgrade, rollback))
    there, back = ([[text, None] for text in texts] for texts in both)
    return there, back


def small_file_rows(bench: Bench, count: int = 1000) -> Iterator[Row]:
    """Many small files, one transaction each. What the disk does to each of them varies: more turns than elsewhere."""
    bench = replace(bench, rounds=max(bench.rounds, 7))
    for each in bench.projects:
        project.write_models(each.folder, 1)
        project.write_small_files(each.folder, count, alembic=each is bench)
    statements: list[list[object]] = [[project.small_statement(at)[0], None] for at in range(1, count + 1)]
    yield Row("small files applied", bench.engine, f"{count} files", "1.3", median(bench, {
        "dbwarden": lambda each: each.warden("migrate"),
        "floor": lambda each: each.floor(statements, "--each", "--files", "migrations/primary"),
        "alembic": lambda each: each.alembic("upgrade", "head"),
    }, Bench.fresh))  # fmt: skip


def status_rows(bench: Bench, count: int = 10_000) -> Iterator[Row]:
    """``status`` with many applied migrations; it must not depend on tables or models."""
    for each in bench.projects:
        project.write_models(each.folder, 1)
        project.write_small_files(each.folder, count, alembic=each is bench)
        each.warden("migrate", "--baseline")
    bench.alembic("stamp", "head")
    queries = recorded(bench, "dbwarden.status()")
    bench.copy("warden_bench", "floor_bench")
    yield Row("status", bench.engine, f"{count} applied", "5, 0.25 of Alembic", median(bench, {
        "dbwarden": lambda each: each.warden("status"),
        "floor": lambda each: each.floor(queries, "--files", "migrations/primary"),
        "alembic": lambda each: each.alembic("current"),
    }))  # fmt: skip


def start_rows(bench: Bench) -> Iterator[Row]:
    """What a command costs before it does anything."""
    for each in bench.projects:
        project.write_models(each.folder, 10)
    if bench.has_alembic:
        yield Row("--help", bench.engine, "-", "0.4 of Alembic", median(bench, {
            "dbwarden": lambda each: each.warden("--help"), "alembic": lambda each: each.alembic("--help"),
        }))  # fmt: skip
    for each in bench.projects:
        each.warden("make-migrations", "first")
        each.warden("migrate")
    bench.alembic("revision", "--autogenerate", "-m", "first")
    bench.alembic("upgrade", "head")
    contenders: dict[str, Callable[[Bench], float]] = {
        "dbwarden": lambda each: each.warden("status"), "alembic": lambda each: each.alembic("current"),
    }  # fmt: skip
    if not bench.has_alembic:
        queries = recorded(bench, "dbwarden.status()")
        contenders["floor"] = lambda each: each.floor(
            queries, "--files", "migrations/primary", database=each.databases[0]
        )
    target = "0.25 of Alembic" if bench.has_alembic else "-"
    yield Row("status, one migration", bench.engine, "-", target, median(bench, contenders))


def seed_rows(bench: Bench, statements: int = 100_000) -> Iterator[Row]:
    """``status`` with a large seed file that was applied long ago, beside a checkout without the file."""
    written = 0
    for each in bench.projects:
        project.write_models(each.folder, 1)
        project.write_small_files(each.folder, 1, alembic=False)
        each.warden("migrate")
        shutil.copytree(each.folder, each.folder / "without_seed")
        written = project.write_seed(each.folder, statements)
        each.warden("migrate", "--baseline")
    yield Row("status, a seed file applied", bench.engine, f"{written / 1e6:.0f} MB", "+0.2 s", median(bench, {
        "dbwarden": lambda each: each.warden("status"),
        "floor": lambda each: replace(each, folder=each.folder / "without_seed").warden("status"),
    }))  # fmt: skip


def impact_rows(bench: Bench, lines: int = 200_000) -> Iterator[Row]:
    """``check-impact`` over a large code base; no database is asked."""
    if bench.engine != "sqlite":
        return
    written = [impact.write(each.folder, lines) for each in bench.projects]
    for (version, _, _), what in impact.QUESTIONS.items():
        yield Row(f"check-impact, {what}", "-", f"{written[0]} lines", "-", median(bench, {
            "dbwarden": methodcaller("warden", "check-impact", version),
        }))  # fmt: skip


def fleet_rows(bench: Bench, count: int = 300) -> Iterator[Row]:
    """Many targets with one folder of files, several at once. Both sides work on schemas (files) of their own."""
    bench = replace(bench, other=None)
    size = f"{count} {'files' if bench.server is None else 'schemas'}, {fleet.JOBS} at once"
    files = bench.folder / "migrations" / "primary"
    project.write_models(bench.folder, fleet.TABLES)
    bench.warden("make-migrations", "first", "--no-proof")
    fleet.write_fleet(bench.folder, bench.url, bench.engine, count)
    migrate = ("migrate", "--fleet", "primary", "--jobs", str(fleet.JOBS))

    def bare(each: Bench, after: int) -> float:
        path = each.folder / "statements.json"
        path.write_text(json.dumps(fleet.transactions_of(files, after=after)))
        return each.run(PYTHON, "-m", "benchmarks.fleet", each.url, str(path), str(count), str(fleet.JOBS))

    def empty(each: Bench) -> None:
        each.fresh()
        fleet.create_targets(each.folder, each.url, each.engine, count)

    yield Row("fleet: first migration of 10 tables", bench.engine, size, "1.5", median(bench, {
        "dbwarden": lambda each: each.warden(*migrate), "floor": lambda each: bare(each, 0),
    }, empty))  # fmt: skip
    empty(bench)
    bench.warden(*migrate)
    bare(bench, 0)
    last = 1

    def release(each: Bench) -> float:
        nonlocal last
        fleet.write_release(files, last + 1)
        last += fleet.RELEASE
        return each.warden(*migrate)

    yield Row("fleet: ten further files of one statement", bench.engine, size, "1.5", median(bench, {
        "dbwarden": release, "floor": lambda each: bare(each, last - fleet.RELEASE),
    }))  # fmt: skip
    yield Row("fleet: nothing to do", bench.engine, size, "-", median(bench, {
        "dbwarden": lambda each: each.warden(*migrate),
    }))  # fmt: skip
    yield Row("fleet: status", bench.engine, size, "-", median(bench, {
        "dbwarden": lambda each: each.warden("status", "--fleet", "primary", "--jobs", str(fleet.JOBS)),
    }))  # fmt: skip


WITHOUT_ALEMBIC = ("start",)
"""Blocks of rows that have something beside DBWarden to compare with on an engine that Alembic does not know."""
ON = {"objects": ("postgresql",), "fleet": ("sqlite", "postgresql")}
"""Blocks whose projects are written for some engines only."""
BLOCKS = {
    "impact": impact_rows,
    "files": small_file_rows,
    "status": status_rows,
    "objects": object_rows,
    "seed": seed_rows,
    "start": start_rows,
    "fleet": fleet_rows,
}


@dataclass(frozen=True)
class Options:
    """What is measured."""

    engines: list[str]
    tables: list[int]
    rounds: int
    only: str | None
    against: Path | None
    servers: Mapping[str, Server] = field(default_factory=dict)
    """Running servers, by engine."""


def measure(options: Options) -> list[Row]:
    """All rows, or those of one block."""
    rows: list[Row] = []
    for engine in options.engines:
        for size in options.tables if options.only in (None, "schema") else ():
            rounds = options.rounds if size < 1000 else max(2, options.rounds // 2)
            with workspace(options, engine, rounds) as bench:
                rows += _shown(schema_rows(bench, size))
        check_constant([row for row in rows if row.engine == engine])
        for name, block in BLOCKS.items():
            known = engine in ON.get(name, project.OF_ALEMBIC) or name in WITHOUT_ALEMBIC
            if options.only == name or (options.only is None and known):
                rounds = options.rounds if name == "start" else max(2, options.rounds // 2)
                with workspace(options, engine, rounds) as bench:
                    rows += _shown(block(bench))
    return rows


def check_constant(rows: list[Row]) -> None:
    """Raise if the number of catalogue queries depends on the number of tables."""
    counts = {row.seconds["statements"] for row in rows if "statements" in row.seconds}
    if len(counts) > 1:
        raise SystemExit(f"{rows[0].engine}: the number of catalogue queries depends on the tables: {sorted(counts)}")


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print(report.line(row), flush=True)
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="10,100,1000")
    parser.add_argument("--engines", default="sqlite,postgresql,mariadb,clickhouse")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["schema", *BLOCKS], help="one block of rows")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout, with its .venv")
    parser.add_argument("--no-write", action="store_true", help="print only")
    given = parser.parse_args()
    if given.against is not None and not (given.against / ".venv" / "bin" / "dbwarden").exists():
        parser.error(f"{given.against} has no environment: run `make .venv/.installed` there")
    tables = [int(size) for size in given.tables.split(",")]
    options = Options(given.engines.split(","), tables, given.rounds, given.only, given.against)
    with ExitStack() as running:
        servers = {name: running.enter_context(VENDORS[name].running()) for name in options.engines if name != "sqlite"}
        rows = measure(replace(options, servers=servers))
    print(report.comparison(rows), end="")
    if not given.no_write:
        page = ROOT / "docs" / "benchmarks.md"
        page.write_text(report.page(rows, page.read_text(), whole=options.only is None))


if __name__ == "__main__":
    main()
