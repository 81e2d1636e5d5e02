"""Finds the configuration of a project and reads it.

1. ``find`` looks for the one source: ``--config``, ``DBWARDEN_CONFIG``, or a file in the nearest folder (``FILES``).
2. A Python file is executed; its calls of ``database_config`` declare databases. A TOML file is parsed.
3. The databases are validated one by one, then together (``Project``).
"""

from __future__ import annotations

import importlib
import linecache
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from dbwarden.core.redaction import redacted_text
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import (
    DBWardenError,
    FailedConfiguration,
    InvalidSetting,
    MissingConfiguration,
    NoConfiguration,
    TwoConfigurations,
    UnknownSetting,
    UnreadableConfiguration,
    text_of,
)

from .declare import ALIASES, SETTING_NAMES, DatabaseHandle, Declaration, Registry, active_registry, shown_path
from .project import Project
from .settings import TABLES

FILES = ("warden.py", "warden.toml", "pyproject.toml", "dbwarden.py")
VARIABLE = "DBWARDEN_CONFIG"
_PACKAGE = Path(__file__).resolve().parent.parent
_TOOL_TABLE = re.compile(r"^\s*\[\s*tool\s*\.\s*dbwarden\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """Location of a configuration: its file, for ``--config some.module`` also the module's spec.

    ``root`` is the folder of the file; for a module, the working directory.
    """

    path: Path
    root: Path
    shown: str
    spec: ModuleSpec | None = field(default=None, compare=False)


def load(config: str | None = None, *, cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> Project:
    """Load the configuration named by ``config`` (a file, a folder or a dotted module), else by ``DBWARDEN_CONFIG``,
    else that of the nearest folder from ``cwd`` up to the repository's root.

    Side effect: inserts the project's root at the front of ``sys.path``, for ``app.models``; for an explicitly named
    configuration, the working directory too. Raises ``ConfigurationError``.
    """
    cwd = (cwd or Path.cwd()).absolute()
    environ = os.environ if environ is None else environ
    explicit = config or environ.get(VARIABLE)
    with _loading:
        if explicit:
            _importable_from(cwd)
        source = find(config, cwd=cwd, environ=environ)
        _importable_from(source.root)
        registry = Registry(source.root, environ, cwd)
        if source.path.suffix == ".toml":
            _read_toml(source, registry)
        else:
            _read_python(source, registry)
    return Project(root=source.root, source=source.shown, databases=registry.databases, warnings=_warnings(source))


_loading = threading.RLock()  # executing a configuration touches sys.modules


def _importable_from(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()


def _warnings(source: Source) -> tuple[str, ...]:
    if source.path.name != "dbwarden.py":
        return ()
    return (
        f"{source.shown} hides the package dbwarden from programs that start in its folder: rename it to warden.py",
    )


# -- finding ------------------------------------------------------------------------------------------------------


def find(config: str | None, *, cwd: Path, environ: Mapping[str, str]) -> Source:
    """Find the configuration without reading it; see ``load``."""
    for name, origin in ((config, "--config"), (environ.get(VARIABLE), VARIABLE)):
        if name:
            return _named_source(name, origin, cwd)
    folders = list(_folders(cwd))
    for folder in folders:
        if path := _in_folder(folder):
            return Source(path, folder, shown_path(path, cwd))
    names = f"{', '.join(FILES[:2])}, [tool.dbwarden] in {FILES[2]} (and {FILES[3]})"
    raise NoConfiguration(names=names, places=", ".join(map(str, folders)))


def _folders(cwd: Path) -> Iterator[Path]:
    """The folders from ``cwd`` up to the repository's root or, outside a repository, to the home folder or the top."""
    home = Path(os.path.expanduser("~"))  # unchanged if there is no home folder
    for folder in (cwd, *cwd.parents):
        yield folder
        if (folder / ".git").exists() or folder == home:
            return


def _in_folder(folder: Path) -> Path | None:
    present = [path for path in (folder / name for name in FILES) if path.is_file() and _is_ours(path)]
    if len(present) > 1:
        first, second = present[0].name, present[1].name
        advice = ", and rename dbwarden.py: it hides the package dbwarden" if second == FILES[3] else ""
        raise TwoConfigurations(first=first, second=second, folder=str(folder), advice=advice)
    return present[0] if present else None


def _is_ours(path: Path) -> bool:
    if path.name != "pyproject.toml":
        return True
    text = path.read_text("utf-8-sig", errors="replace")
    if "dbwarden" not in text:
        return False
    try:
        tool = _parse_toml(path, str(path)).get("tool")
    except UnreadableConfiguration:
        if _TOOL_TABLE.search(text):
            raise
        return False  # a mistake in a pyproject.toml without our table is not reported here
    return isinstance(tool, dict) and "dbwarden" in tool


def _named_source(name: str, origin: str, cwd: Path) -> Source:
    path = Path(os.path.normpath(cwd / os.path.expanduser(name)))
    if path.is_dir():
        inside = _in_folder(path)
        if inside is None:
            raise MissingConfiguration(origin=origin, name=name, reason=f"a folder without {', '.join(FILES)}")
        return Source(inside, path, shown_path(inside, cwd))
    if path.is_file():
        if path.suffix not in (".py", ".toml"):
            raise MissingConfiguration(origin=origin, name=name, reason="which is neither a .py nor a .toml file")
        return Source(path, path.parent, shown_path(path, cwd))
    if path.suffix in (".py", ".toml") or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
        raise MissingConfiguration(origin=origin, name=name, reason="which does not exist")
    return _module(name, origin, cwd)


def _module(name: str, origin: str, cwd: Path) -> Source:
    try:
        with _user_code(name, cwd, cwd):  # finding a.b imports a
            spec = find_spec(name)
    except FailedConfiguration as failure:
        missing = failure.__cause__
        if not isinstance(missing, ModuleNotFoundError) or not f"{name}.".startswith(f"{missing.name}."):
            raise
        spec = None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        reason = f"which is neither a file nor a module that can be imported from {cwd}"
        raise MissingConfiguration(origin=origin, name=name, reason=reason)
    return Source(Path(spec.origin), cwd, shown_path(Path(spec.origin), cwd), spec)


# -- Python -------------------------------------------------------------------------------------------------------

_elsewhere: dict[str, tuple[Declaration, ...]] = {}
"""Declarations made by modules that a source imports, by source: a second load in one process does not execute them again."""


def _read_python(source: Source, registry: Registry) -> None:
    file = str(source.path)
    with active_registry(registry):
        module = _execute(source, registry.cwd)
        handles = [value.declaration for value in vars(module).values() if isinstance(value, DatabaseHandle)]
        for declaration in (*handles, *_elsewhere.get(file, ())):
            if declaration.file != file and declaration.name not in registry.databases:
                registry.add(declaration)
    _elsewhere[file] = tuple(item for item in registry.declarations.values() if item.file != file)


def _execute(source: Source, cwd: Path) -> ModuleType:
    """Execute the file as a new module.

    ``warden.py`` becomes ``sys.modules["warden"]``, so that ``from warden import primary`` in models returns these handles and
    does not execute it again. A module that the application imported from the same file stays. Every other file runs under a
    name that hides no other module, as ``dbwarden.py`` would.
    """
    name = "warden" if source.path.name == "warden.py" else "_dbwarden_configuration"
    spec = source.spec or spec_from_file_location(name, source.path)
    if spec is None:
        raise MissingConfiguration(origin="--config", name=source.shown, reason="which Python cannot load")
    module = module_from_spec(spec)
    before = sys.modules.get(spec.name)
    sys.modules[spec.name] = module
    keep = False
    try:
        with _user_code(str(source.path), source.root, cwd):
            exec(compile(source.path.read_bytes(), str(source.path), "exec", dont_inherit=True), module.__dict__)
        keep = before is None or getattr(before, "__file__", None) != str(source.path)
    finally:
        if not keep:
            _restore(spec.name, before)
    return module


def _restore(name: str, before: ModuleType | None) -> None:
    if before is None:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = before


@contextmanager
def _user_code(file: str, root: Path, cwd: Path) -> Iterator[None]:
    """Context that turns any error of the user's code into ``FailedConfiguration`` with file, line and text."""
    try:
        yield
    except DBWardenError:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        place, line, excerpt = _failing_line(problem, file, root)
        raise FailedConfiguration(
            file=shown_path(Path(place), cwd),
            line=line,
            exception=type(problem).__name__,
            text=redacted_text(problem.msg if isinstance(problem, SyntaxError) else text_of(problem)),
            excerpt=f"\n    {redacted_text(excerpt)}" if excerpt else "",
        ) from problem


def _failing_line(problem: BaseException, file: str, root: Path) -> tuple[str, int, str]:
    """The failing line of the user's code: the innermost frame below the project's root outside of installed packages."""
    if isinstance(problem, SyntaxError) and problem.filename:
        return problem.filename, problem.lineno or 1, (problem.text or "").strip()
    frames = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if not frame.filename.startswith("<") and not Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    own_frames = [
        frame
        for frame in frames
        if Path(frame.filename).is_relative_to(root) and "site-packages" not in Path(frame.filename).parts
    ]
    for frame in reversed(own_frames or frames):
        linecache.checkcache(frame.filename)
        return frame.filename, frame.lineno or 1, (frame.line or "").strip()
    return file, 1, ""


# -- TOML ---------------------------------------------------------------------------------------------------------


def _parse_toml(path: Path, shown: str) -> dict[str, Any]:
    import tomllib  # deferred: a project with a warden.py does not need it

    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = path.read_bytes()[: problem.start]
        line, column = before.count(b"\n") + 1, problem.start - before.rfind(b"\n")
        raise UnreadableConfiguration(file=shown, line=line, column=column, reason="the file is not UTF-8") from problem
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UnreadableConfiguration(file=shown, line=1, column=1, reason="values are nested too deeply") from None
    except ValueError as problem:  # TOMLDecodeError, and numbers with more digits than Python reads
        match = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(problem))
        lines = text.splitlines() or [""]
        line, column = (int(match[1]), int(match[2])) if match and match[1] else (len(lines), len(lines[-1]) + 1)
        reason = re.sub(r" \(at [^)]*\)$", "", str(problem))
        raise UnreadableConfiguration(file=shown, line=line, column=column, reason=reason) from problem


def _read_toml(source: Source, registry: Registry) -> None:
    document, prefix = _parse_toml(source.path, source.shown), ""
    if source.path.name == "pyproject.toml":
        document, prefix = document.get("tool", {}).get("dbwarden", {}), "tool.dbwarden."
    document = _modern(document, source.shown)
    _check_top(document, source.shown)
    if document and "databases" not in document:
        where = f"{source.shown} [{prefix[:-1]}]" if prefix else source.shown
        values = {ALIASES.get(key, key): value for key, value in document.items()}
        registry.add(Declaration({"database_name": "primary", **values}, where, str(source.path)))
    for name, table in document.get("databases", {}).items():
        where = f"{source.shown} [{prefix}databases.{name}]"
        if not isinstance(table, dict):
            raise InvalidSetting(source=source.shown, key=f"databases.{name}", owner="", reason="must be a table")
        if table.get("database_name", name) != name:
            reason = f"must be '{name}', as in the table's name, or left out"
            raise InvalidSetting(source=where, key="database_name", owner="", reason=reason)
        settings = {ALIASES.get(str(key), str(key)): value for key, value in table.items()}
        registry.add(Declaration({"database_name": name, **settings}, where, str(source.path)))


def _modern(document: dict[str, Any], shown: str) -> dict[str, Any]:
    """``[database.primary]`` is an older spelling of ``[databases.primary]``."""
    older = document.get("database")
    if not isinstance(older, dict):
        return document
    if "databases" in document:
        raise InvalidSetting(source=shown, key="database", owner="", reason="stands beside databases: write databases")
    modern = {key: value for key, value in document.items() if key != "database"}
    return {**modern, "databases": older}


def _check_top(document: Mapping[str, Any], shown: str) -> None:
    """Raise for settings at the top level beside tables of databases, and for tables in the flat form."""
    nested = "databases" in document
    if nested and not isinstance(document["databases"], dict):
        raise InvalidSetting(source=shown, key="databases", owner="", reason="must be tables: [databases.primary]")
    for key, value in document.items():
        if key != "databases" and (nested or (isinstance(value, dict) and key not in TABLES)):
            inside = key in SETTING_NAMES or key in ALIASES
            advice = (
                "; a database's settings belong under [databases.<name>]"
                if inside
                else did_you_mean(key, ["databases"])
            )
            raise UnknownSetting(source=shown, key=key, owner="", nearest=advice, known="databases")
