"""Alembic: alembic.ini (or pyproject.toml), env.py, the revision files and the table alembic_version."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dbwarden.errors import NoOrigin, UnfinishedOrigin, UnreadableOrigin

from .environment import address_in_environment
from .project import Address, History, OriginProject, OriginState, Row, listed
from .python_modules import ModuleFinder
from .target_metadata import model_paths
from .text import assignments, constant, ini_value, read_ini, read_python, read_text, read_toml, shown

_TOOL = "Alembic"
_PLACEHOLDER = "driver://user:pass@localhost/dbname"
"""The URL that `alembic init` writes."""
_VERSION_TABLE = "alembic_version"
_INI = ("alembic.ini", "migrations/alembic.ini")
"""Where the file is; the second one is Flask-Migrate's."""
_KEYS = (
    "script_location sqlalchemy.url version_locations version_path_separator path_separator prepend_sys_path databases"
    " recursive_version_locations"
).split()
"""The settings that are read."""


@dataclass(frozen=True, slots=True)
class _Settings:
    """The settings of Alembic, from alembic.ini and pyproject.toml."""

    file: Path
    values: Mapping[str, Any]

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    def paths(self, key: str, separators: str = "") -> list[str]:
        """Several paths, from a list of TOML or a text that separates them as ``separators`` says."""
        value = self.values.get(key)
        if isinstance(value, list):
            return [str(path) for path in value]
        text = str(value or "")
        for separator in separators or "\n":
            text = text.replace(separator, "\n")
        return [path.strip() for path in text.splitlines() if path.strip()]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision file."""

    id: str
    parents: tuple[str, ...]
    """``down_revision``."""
    depends_on: tuple[str, ...]
    labels: tuple[str, ...]
    file: str


def read(root: Path, environ: Mapping[str, str]) -> OriginProject:
    """Read Alembic's configuration, ``env.py`` and revision files in ``root``. Nothing is imported or executed."""
    settings = _settings(root)
    scripts = _script_folder(settings, root)
    env = scripts / "env.py"
    if not env.is_file():
        raise UnreadableOrigin(
            file=shown(settings.file, root), reason=f"script_location has no env.py: {shown(scripts, root)}"
        )
    tree = read_python(env, root)
    if settings.text("databases"):
        raise UnreadableOrigin(
            file=shown(settings.file, root),
            reason="it has several databases (the template multidb), which are adopted one by one",
            hint="For each one: `dbwarden init --from existing --url URL`, in a folder of its own.",
        )
    address, no_url = _address(settings, tree, root, environ)
    table, schema = _version_table(tree)
    modules = ModuleFinder(root, tuple(_import_folders(settings, root)))
    models, notes = model_paths(tree, modules, shown(env, root))
    recursive = str(settings.values.get("recursive_version_locations") or "false").lower() == "true"
    revisions = _revisions(_version_folders(settings, scripts, root), recursive, root)
    return OriginProject(
        _TOOL,
        shown(settings.file, root),
        address,
        no_url,
        History(table, ("version_num",), schema),
        models,
        True,
        notes,
        partial(examine, revisions),
    )


# -- configuration


def _settings(root: Path) -> _Settings:
    values: dict[str, Any] = {}
    file: Path | None = None
    if (root / "pyproject.toml").is_file():
        tool = read_toml(root / "pyproject.toml", root).get("tool", {})
        if isinstance(table := tool.get("alembic") if isinstance(tool, dict) else None, dict):
            values |= {key: _placed(value, root) for key, value in table.items()}
            file = root / "pyproject.toml"
    path = next((path for path in (root / name for name in _INI) if path.is_file()), None)
    if path is not None:
        parser = read_ini(path, root, {"here": str(path.parent)})
        if parser.has_section("alembic"):
            values |= {
                key: ini_value(parser, "alembic", key, shown(path, root))
                for key in _KEYS
                if parser.has_option("alembic", key)
            }
            file = path
    if file is None:
        below = sorted(str(path.relative_to(root)) for path in root.glob("*/alembic.ini"))
        looked_for = "neither alembic.ini nor [tool.alembic] in pyproject.toml"
        raise NoOrigin(
            tool=_TOOL, folder=str(root), looked_for=looked_for + (f" (but {', '.join(below)})" if below else "")
        )
    return _Settings(file, values)


def _placed(value: Any, root: Path) -> Any:
    """A value of TOML, in which ``%(here)s`` is the folder of the file."""
    if isinstance(value, list):
        return [_placed(item, root) for item in value]
    return value.replace("%(here)s", str(root)).replace("%%", "%") if isinstance(value, str) else value


def _script_folder(settings: _Settings, root: Path) -> Path:
    location = settings.text("script_location")
    if location:
        return _located(location, root)
    if settings.file.parent != root:  # Flask-Migrate sets it to the folder of the file
        return settings.file.parent
    raise UnreadableOrigin(file=shown(settings.file, root), reason="has no script_location")


def _located(location: str, root: Path) -> Path:
    """``folder``, or ``package:folder`` for one inside a package of the project."""
    package, colon, inside = location.partition(":")
    if colon and "/" not in package and "\\" not in package and len(package) > 1:
        return root.joinpath(*package.split("."), inside)
    return root / location


_SEPARATORS = {"space": " ", "newline": "\n", "colon": ":", "semicolon": ";", "os": ":"}


def _version_folders(settings: _Settings, scripts: Path, root: Path) -> list[Path]:
    named = settings.text("path_separator") or settings.text("version_path_separator") or ""
    paths = settings.paths("version_locations", _SEPARATORS.get(named, " ,"))
    return [_located(path, root) for path in paths] or [scripts / "versions"]


def _import_folders(settings: _Settings, root: Path) -> Iterable[Path]:
    """The folders of ``prepend_sys_path``, and the project's."""
    named = settings.text("path_separator") or ""
    return [root, *(root / path for path in settings.paths("prepend_sys_path", _SEPARATORS.get(named, " ,:")))]


def _address(
    settings: _Settings, tree: ast.Module, root: Path, environ: Mapping[str, str]
) -> tuple[Address | None, str]:
    """The URL of the configuration, unless env.py replaces it; then that of the environment variable it reads."""
    url, file = settings.text("sqlalchemy.url"), shown(settings.file, root)
    replaced = _sets_url(tree)
    if url and url != _PLACEHOLDER and not replaced:
        return Address(url, f"{file}: sqlalchemy.url"), ""
    address = address_in_environment(tree, environ)
    if address is not None:
        return address, ""
    if replaced:
        return None, "env.py sets it while it runs"
    return None, f"{file} has no sqlalchemy.url" if not url else f"sqlalchemy.url in {file} is still the example"


def _sets_url(tree: ast.Module) -> bool:
    """Whether env.py sets the URL itself, or connects without asking the configuration for it."""
    reads, connects = False, False
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value="sqlalchemy.url"))]):
                return True
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args):
                named = any(isinstance(arg, ast.Constant) and arg.value == "sqlalchemy.url" for arg in args)
                if name in ("set_main_option", "set_section_option") and named:
                    return True
                reads |= name in ("get_main_option", "get_section_option") and named
                connects |= name in ("create_engine", "create_async_engine")
    return connects and not reads


def _version_table(tree: ast.Module) -> tuple[str, str | None]:
    """The arguments ``version_table`` and ``version_table_schema`` of ``context.configure``."""
    known = {name: constant(value) for name, value in assignments(tree)}
    values: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "configure":
            for keyword in node.keywords:
                name = keyword.value.id if isinstance(keyword.value, ast.Name) else ""
                value = known.get(name) if name else constant(keyword.value)
                if keyword.arg in ("version_table", "version_table_schema") and isinstance(value, str):
                    values[keyword.arg] = value
    return values.get("version_table", _VERSION_TABLE), values.get("version_table_schema")


# -- revisions


def _revisions(folders: Iterable[Path], recursive: bool, root: Path) -> tuple[Revision, ...]:
    paths = (path for folder in folders for path in sorted(folder.glob("**/*.py" if recursive else "*.py")))
    revisions = (_revision(path, root) for path in paths)
    return tuple(revision for revision in revisions if revision is not None)


def _revision(path: Path, root: Path) -> Revision | None:
    """The identifiers at the top of a file; ``None`` if it is not a revision."""
    if "revision" not in read_text(path, root):
        return None
    values = {name: constant(value) for name, value in assignments(read_python(path, root))}
    if not isinstance(values.get("revision"), str):
        return None
    parents, needs, labels = (_names(values.get(key)) for key in ("down_revision", "depends_on", "branch_labels"))
    return Revision(values["revision"], parents, needs, labels, path.name)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(name) for name in value) if isinstance(value, tuple | list | set) else ()


def examine(revisions: Sequence[Revision], rows: Sequence[Row]) -> OriginState:
    """Compare the revisions with ``alembic_version``. Raises ``UnfinishedOrigin`` for several heads, for a version without a
    file, and for none at all."""
    by_id = {revision.id: revision for revision in revisions}
    by_name = by_id | {label: revision for revision in revisions for label in revision.labels}
    current = tuple(sorted(str(row["version_num"]) for row in rows))
    _expect_known(by_name, revisions, current)
    parents = {name for revision in revisions for name in revision.parents}
    heads = [revision for revision in revisions if revision.id not in parents]
    if len(heads) > 1:
        raise UnfinishedOrigin(
            tool=_TOOL,
            state=f"the files have {len(heads)} heads",
            listed=listed([head.file for head in heads]),
            hint="`alembic merge heads -m merge`, then `alembic upgrade head`.",
        )
    applied = _ancestors(current, by_name)
    pending = tuple(revision.file for revision in revisions if revision.id not in applied)
    in_effect = tuple(revision.file for revision in revisions if revision.id in applied)
    return OriginState(in_effect, pending, advice="`alembic upgrade head` applies what is pending.")


def _expect_known(by_name: Mapping[str, Revision], revisions: Sequence[Revision], current: Sequence[str]) -> None:
    if not current:
        raise UnfinishedOrigin(
            tool=_TOOL,
            state="its table has no version",
            hint="`alembic upgrade head` builds the database; `alembic stamp head` says that it is there already.",
        )
    unknown = [version for version in current if version not in by_name]
    if unknown:
        raise UnfinishedOrigin(
            tool=_TOOL,
            state=f"it is at {', '.join(unknown)}, of which there is no file here",
            hint="Check out the branch that has it, or run `alembic upgrade head` with the files of this one.",
        )
    for revision in revisions:
        missing = [name for name in (*revision.parents, *revision.depends_on) if name not in by_name]
        if missing:
            raise UnfinishedOrigin(
                tool=_TOOL,
                state=f"{revision.file} follows {', '.join(missing)}, of which there is no file here",
                hint="`alembic history` names it too: bring the file back.",
            )


def _ancestors(names: Iterable[str], by_name: Mapping[str, Revision]) -> set[str]:
    """Revisions that lead to these, with themselves."""
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        revision = by_name[waiting.pop()]
        if revision.id not in reached:
            reached.add(revision.id)
            waiting += (*revision.parents, *revision.depends_on)
    return reached
