"""The rings of docs/decisions (core, adapters, front) as a test: who may import whom.

Imports are read from the source, so one inside a function or under TYPE_CHECKING counts as much as one at the top.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.command import run, write_migration, write_project

SOURCE = Path(__file__).resolve().parents[1] / "src" / "dbwarden"

ADAPTERS = {"config", "models", "dialects", "checks", "impact", "origins", "pictures", "runtime", "observers"}
MAY_IMPORT = {
    "errors": set(),
    "core": {"errors"},
    **{adapter: {"core", "errors"} for adapter in ADAPTERS},
    "api": {*ADAPTERS, "core", "errors"},
    "cli": {"api", "errors"},
    "web": {"api", "config", "errors"},  # what applications import
    "pytest_plugin": {"api", "config", "errors"},  # what their tests use
    "__main__": {"cli"},
    "objects": {"models"},  # re-exports what users write in models
    "": {"api", "config", "errors"},  # the package itself re-exports, lazily
}
"""room -> the other rooms it may import."""
MAY_NAME = {"errors": {"core"}}
"""room -> the rooms whose types it may name, imported for type checking only: the attributes of errors are values of core."""

FRONT_LIBRARIES = {"typer", "click", "rich"}
OUTSIDE_WORLD = {
    "os",
    "io",
    "socket",
    "subprocess",
    "time",
    "random",
    "secrets",
    "sqlite3",
    "tempfile",
    "shutil",
    "getpass",
}
"""What a ring that is values in, values out has no use for."""

ENGINES = {"postgres", "sqlite", "mysql", "mariadb", "clickhouse"}


@dataclass(frozen=True)
class Import:
    module: str
    """Who imports, dotted."""
    line: int
    target: str
    """What is imported, dotted and absolute."""
    top: bool
    """At the top of the module, and not for type checking only: what makes a circle when Python loads it."""

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules() -> dict[str, Path]:
    paths = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


MODULES = modules()
TREES = {name: ast.parse(path.read_text(), str(path)) for name, path in MODULES.items()}


def imports(module: str) -> Iterator[Import]:
    def walk(node: ast.AST, top: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = top and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                inside = False
            for target in targets(module, child):
                yield Import(module, getattr(child, "lineno", 0), target, inside)
            yield from walk(child, inside)

    return walk(TREES[module], True)


def targets(module: str, node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            base = absolute(module, node)
            # `from package import module` names a module; `from module import name` does not.
            return [f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names]
        case ast.Call(func=ast.Name("import_module") | ast.Attribute(attr="import_module"), args=[argument, *_]):
            return [text.rstrip(".")] if (text := beginning(argument)) else []
    return []


def absolute(module: str, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package


def beginning(argument: ast.expr) -> str:
    """The constant text, or the constant beginning of an f-string, that names a module to import_module."""
    match argument:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text
    return ""


ALL = [imported for module in MODULES for imported in imports(module)]
OURS = [imported for imported in ALL if imported.target == "dbwarden" or imported.target.startswith("dbwarden.")]


def room(module: str) -> str:
    return [*module.split("."), ""][1]


def complain(wrong: list[Import] | list[str]) -> None:
    assert not wrong, "\n" + "\n".join(map(str, wrong))


def test_every_module_has_a_room() -> None:
    assert {room(module) for module in MODULES} <= set(MAY_IMPORT)


def test_each_room_imports_only_the_rooms_below_it() -> None:
    complain(
        [
            imported
            for imported in OURS
            if room(imported.target) != room(imported.module)
            and room(imported.target) not in MAY_IMPORT[room(imported.module)]
            if not (room(imported.target) == "" and imported.target == "dbwarden" and room(imported.module) == "cli")
            if imported.top or room(imported.target) not in MAY_NAME.get(room(imported.module), ())
        ]
    )


def test_core_and_errors_use_the_standard_library_alone_and_touch_nothing() -> None:
    inner = [imported for imported in ALL if room(imported.module) in {"core", "errors"} and imported not in OURS]
    complain([imported for imported in inner if imported.target.split(".")[0] not in sys.stdlib_module_names])
    complain([imported for imported in inner if imported.target.split(".")[0] in OUTSIDE_WORLD])
    opened = [
        f"{module}:{node.lineno} opens a file"
        for module in MODULES
        if room(module) in {"core", "errors"}
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    complain(opened)


def test_only_the_command_line_knows_its_libraries() -> None:
    complain(
        [
            imported
            for imported in ALL
            if imported.target.split(".")[0] in FRONT_LIBRARIES and room(imported.module) != "cli"
        ]
    )


def test_vendors_know_the_base_and_not_each_other() -> None:
    wrong = []
    for imported in OURS:
        if room(imported.module) != "dialects" or room(imported.target) != "dialects":
            continue
        here, there = ([*name.split("."), "", ""][2] for name in (imported.module, imported.target))
        allowed = {here, "base"} | ({"mysql"} if here == "mariadb" else set())
        # The list itself (dialects/__init__) names the vendor it is asked for when it is asked.
        if there not in allowed and not (here == "" and there == ""):
            wrong.append(imported)
    complain(wrong)


def test_no_module_imports_itself_through_others() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for imported in OURS:
        if imported.top and imported.target in MODULES and imported.target != imported.module:
            graph[imported.module].add(imported.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])), pytrace=False)


def walk_program(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those of docstrings."""
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield child
            yield from walk_program(child)


def spelled(node: ast.AST) -> Iterator[str]:
    """The identifiers and the strings of a node. Texts for people (with a blank in them) may name what they speak of."""
    for name in ("id", "attr", "name", "arg", "module"):
        if isinstance(text := getattr(node, name, None), str):
            yield text
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value.strip():
        yield node.value


def test_no_engine_is_named_outside_the_dialects_and_the_table_of_engines() -> None:
    """Neither in a name nor in a string that the program works with: a feature, a method of the dialect or the table says
    what is different."""
    wrong = []
    for module in MODULES:
        if room(module) == "dialects" or module == "dbwarden.core.engine":
            continue
        wrong += [
            f"{module}:{getattr(node, 'lineno', '?')} names {text!r}: ask a feature or a method of the dialect"
            for node in walk_program(TREES[module])
            for text in spelled(node)
            if any(engine in text.lower() for engine in ENGINES)
        ]
    complain(wrong)


ONE_ENGINE = re.compile(
    r"(?:pg|sqlite|mysql|system)_\w+|public|main|ctid|_?rowid_?|oid|search_path|(?:small|big)?serial[248]?|psql"
    r"|.*\b(?:access exclusive|share update exclusive|share row exclusive)\b.*"
    r"|(?-i:(?=.*\d)[0-9A-Z]{5})",
    re.IGNORECASE,
)
"""Objects, namespaces, types, locks and error codes (SQLSTATE) of one engine."""
REASONS = {
    ("dbwarden.runtime.git", "main"): "a branch of git",
    ("dbwarden.core.serials", "serial"): "a kind of numbering of our own (``Identity.mode``)",
    **{("dbwarden.impact", name): "no model describes them" for name in ("rowid", "_rowid_", "oid")},
}
"""What may be spelled so in a module, with the reason."""
QUOTES = {
    "dbwarden.core.lexical_rules": "the quote of standard SQL",
    "dbwarden.core.own_tables": "the quote of standard SQL, unless the dialect says another one",
    "dbwarden.core.sqltext": "what an open quote is called in a message",
    "dbwarden.core.tokens": 'the quote of U&"..."',
    "dbwarden.core.rename_text": "JSON",
    "dbwarden.config.template": "Python",
    "dbwarden.pictures.dbml": "DBML",
    "dbwarden.pictures.mermaid": "Mermaid",
    "dbwarden.cli.streams": "the substitute for a character",
    "dbwarden.core.examples": "JSON",
    "dbwarden.core.codec": "JSON",
    "dbwarden.config.urls": "a command for people",
    "dbwarden.runtime.drivers": "a command for people",
    "dbwarden.runtime.seeds": "a command for people",
    "dbwarden.api.seed_create": "a docstring of Python",
    "dbwarden.impact": "names in messages",
}
LONGEST_NAME = {"dbwarden.core.diff": "the least of all engines", "dbwarden.runtime.rows": "the bits of an integer"}


def numbers(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 63


def outside_dialects() -> list[tuple[str, ast.AST]]:
    """The nodes of each module; ``check-impact`` is one."""
    return [
        ("dbwarden.impact" if room(module) == "impact" else module, node)
        for module in MODULES
        if room(module) != "dialects" and module != "dbwarden.core.engine"
        for node in walk_program(TREES[module])
    ]


def test_what_one_engine_has_is_not_spelled_outside_the_dialects() -> None:
    spelled_here = {
        (module, node.value): f"{module}:{node.lineno} spells {node.value!r}: let the dialect say it"
        for module, node in outside_dialects()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ONE_ENGINE.fullmatch(node.value)
    }
    complain([text for place, text in spelled_here.items() if place not in REASONS])
    complain([f"{place} is not spelled any more" for place in REASONS if place not in spelled_here])


def test_names_are_quoted_and_measured_by_the_dialects() -> None:
    quoting, measuring = (
        {module: f"{module}:{getattr(node, 'lineno', '?')}" for module, node in outside_dialects() if holds(node)}
        for holds in (lambda node: isinstance(node, ast.Constant) and node.value in ('"', '""'), numbers)
    )
    complain([f"{place} quotes names itself" for module, place in quoting.items() if module not in QUOTES])
    complain([f"{place} knows a longest name" for module, place in measuring.items() if module not in LONGEST_NAME])
    complain([f"{module} does so no more" for module in QUOTES if module not in quoting])
    complain([f"{module} does so no more" for module in LONGEST_NAME if module not in measuring])


def test_a_class_name_stands_for_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for module in MODULES:
        for node in ast.walk(TREES[module]):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{module}:{node.lineno}")
    complain([f"{name}: {', '.join(lines)}" for name, lines in places.items() if len(lines) > 1])


CONNECTING = ("status", "migrate", "history", "lock-status", "rollback")


@pytest.mark.parametrize("arguments", [["--help"], ["version"], *([name] for name in CONNECTING)], ids=" ".join)
def test_what_reads_no_models_does_without_sqlalchemy(arguments: list[str], tmp_path: Path) -> None:
    """Not for the start, and not to connect."""
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    write_migration(migrations, "0001_t", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
    if arguments == ["rollback"]:
        run(tmp_path, "migrate")
    program = (
        "import sys\n"
        f"sys.argv = ['dbwarden', *{arguments!r}]\n"
        "from dbwarden.cli.app import main\n"
        "try:\n    code = main() or 0\n"
        "except SystemExit as end:\n    code = end.code or 0\n"
        "heavy = {'sqlalchemy', 'sqlglot', 'yaml'} & set(sys.modules)\n"
        "sys.exit(f'exit code {code}, imported {heavy}' if code or heavy else 0)\n"
    )
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", ["status", "lock-status", "migrate"])
def test_what_finds_nothing_to_do_imports_no_archives(command: str, tmp_path: Path) -> None:
    """``zipfile`` and ``email``, which take 13 ms, come with ``importlib.metadata`` and ``importlib.resources``."""
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    write_migration(migrations, "0001_t", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
    run(tmp_path, "migrate")
    program = (
        "import sys\n"
        "from dbwarden.cli.app import run\n"
        f"assert run([{command!r}]) == 0\n"
        "sys.exit(' '.join({'zipfile', 'email'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("command", ["status", "history", "lock-status"])
def test_what_reads_history_does_without_the_schema(command: str, database_url: str, tmp_path: Path) -> None:
    """Its classes, the grammar of statements and the dialect's printers: a third of the command's time."""
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
    run(tmp_path, "migrate")
    program = (
        "import sys\n"
        "from dbwarden.cli.app import run\n"
        f"assert run([{command!r}]) == 0\n"
        "heavy = ('dbwarden.core.model', 'dbwarden.core.change', 'dbwarden.core.ddl')\n"
        "heavy += tuple(f'dbwarden.dialects.{name}.ddl' for name in ('sqlite', 'postgresql', 'mysql'))\n"
        "sys.exit(' '.join(name for name in sys.modules if name.startswith(heavy)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_importing_the_package_costs_nothing() -> None:
    program = "import sys, dbwarden; sys.exit(', '.join(name for name in sys.modules if name.startswith('dbwarden.')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert not done.stderr.strip()
