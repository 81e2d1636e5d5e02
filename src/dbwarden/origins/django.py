"""Django: manage.py, the settings, the migrations of the project's apps and the table django_migrations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from dbwarden.core.engine import ENGINES, SCHEMES, Engine
from dbwarden.errors import NoOrigin

from .django_settings import SettingsReader, Unreadable, Variable
from .environment import address_of, is_url
from .project import Address, History, OriginProject, OriginState, Row
from .text import assignments, constant, read_python, shown

_TOOL = "Django"
_VARIABLE = "DJANGO_SETTINGS_MODULE"
_SKIPPED = {"site-packages", "node_modules", "__pycache__"}


@dataclass(frozen=True, slots=True)
class AppMigration:
    """A migration of an app of the project."""

    app: str
    name: str
    replaces: tuple[tuple[str, str], ...] = ()
    """Migrations that this one squashes."""

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"


def read(root: Path, environ: Mapping[str, str]) -> OriginProject:
    """Read ``manage.py``, the settings and the migrations in ``root``. Django is not imported and need not be installed."""
    manage = root / "manage.py"
    if not manage.is_file():
        below = sorted(str(path.relative_to(root)) for path in root.glob("*/manage.py"))
        hint = f" (but {', '.join(below)})" if below else ""
        raise NoOrigin(tool=_TOOL, folder=str(root), looked_for=f"manage.py is missing{hint}")
    module = environ.get(_VARIABLE) or _settings_module(read_python(manage, root))
    address, reason, file = None, "manage.py names no settings", "manage.py"
    if module:
        address, reason, file = _address(module, root, environ)
    migrations = tuple(_migrations(root))
    return OriginProject(
        _TOOL,
        file,
        address,
        reason,
        History("django_migrations", ("app", "name")),
        examine=partial(examine, migrations),
    )


def _settings_module(tree: ast.Module) -> str | None:
    """The module that ``os.environ.setdefault("DJANGO_SETTINGS_MODULE", ...)`` names."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[ast.Constant(value=variable), ast.Constant(value=str(module))]) if (
                variable == _VARIABLE
            ):
                return module
    return None


# -- the URL


def _address(module: str, root: Path, environ: Mapping[str, str]) -> tuple[Address | None, str, str]:
    """The URL of ``DATABASES["default"]``, why it cannot be read, and the file of the settings."""
    reader = SettingsReader(root)
    try:
        file, database = reader.database(module)
        name = shown(file, root)
        if isinstance(database, Variable):
            if database.name not in environ and not database.default:
                return None, f"{name} takes it from the environment variable {database.name}, which is not set", name
            text = environ.get(database.name) or str(database.default)
            if not is_url(text):
                return None, f"the environment variable {database.name} is not the URL of a known engine", name
            return (address_of(database.name, environ) if database.name in environ else Address(text, name)), "", name
        return _of_fields(database, environ, name, root), "", name
    except Unreadable as unreadable:
        return None, str(unreadable), unreadable.file or module


_FIELDS = ("USER", "PASSWORD", "HOST", "PORT", "NAME")


def _of_fields(database: Mapping[str, object], environ: Mapping[str, str], file: str, root: Path) -> Address:
    """The URL of a dictionary in DATABASES. Raises ``Unreadable``."""
    backend, _ = _texts("ENGINE", database, environ, file, root)
    engine = _engine(backend)
    if engine is None:
        raise Unreadable(f"ENGINE in {file} is not an engine that is known here: {backend}", file)
    texts = {field: _texts(field, database, environ, file, root) for field in _FIELDS}
    url = _url(engine, {field: value for field, (value, _) in texts.items()})
    reference = _url(engine, {field: written for field, (_, written) in texts.items()})
    refers = any(value != written for value, written in texts.values())
    return Address(url, f"{file}: DATABASES", reference if refers else None)


def _texts(
    field: str, database: Mapping[str, object], environ: Mapping[str, str], file: str, root: Path
) -> tuple[str, str]:
    """The value of a field, and its text for ``warden.py``, which refers to the environment as the settings do."""
    value = database.get(field, "")
    if isinstance(value, Unreadable):
        raise value
    if isinstance(value, Path):
        value = value.relative_to(root) if value.is_relative_to(root) else value
    if not isinstance(value, Variable):
        return str(value), str(value)
    if value.name not in environ and value.default is None:
        raise Unreadable(f"{field} needs the environment variable {value.name}, which is not set", file)
    text = environ.get(value.name, str(value.default or ""))
    return text, f"${{{value.name}}}" if value.name in environ else text


def _engine(backend: str) -> Engine | None:
    """The engine of a backend: ``django.db.backends.postgresql``, ``psqlextra.backend`` is unknown."""
    name = backend.rpartition(".")[2].removeprefix("django_")
    return SCHEMES.get(name) or next((engine for engine in ENGINES.values() if name in engine.also_called), None)


def _url(engine: Engine, fields: Mapping[str, str]) -> str:
    scheme = engine.schemes[0]
    if engine.file:
        return f"{scheme}:///{fields['NAME']}"
    secret = f":{_encoded(fields['PASSWORD'])}" if fields["PASSWORD"] else ""
    login = f"{_encoded(fields['USER'])}{secret}@" if fields["USER"] else ""
    host, query = fields["HOST"], ""
    if host.startswith("/"):
        query = f"?{engine.socket_option or 'host'}={quote(host, safe='/')}"
        host = ""
    elif not host and engine.socket_option:
        host = "localhost"
    port = f":{fields['PORT']}" if fields["PORT"] else ""
    return f"{scheme}://{login}{host}{port}/{quote(fields['NAME'], safe='${}')}{query}"


def _encoded(text: str) -> str:
    """A part of a URL; a reference to the environment stays one."""
    return text if re.fullmatch(r"\$\{\w+\}", text) else quote(text, safe="")


# -- migrations


def _migrations(root: Path) -> Iterator[AppMigration]:
    """The migrations of the apps below the project's folder, by the labels of the apps."""
    for folder in sorted(root.rglob("migrations")):
        if not (folder / "__init__.py").is_file() or _is_of_somebody_else(folder, root):
            continue
        label = _label(folder.parent, root)
        for path in sorted(folder.glob("*.py")):
            if path.stem[0] not in "_~" and (migration := _migration(label, path, root)) is not None:
                yield migration


def _is_of_somebody_else(folder: Path, root: Path) -> bool:
    """Whether a folder is inside an environment, or hidden."""
    parts = folder.relative_to(root).parts
    above = (root.joinpath(*parts[:depth]) for depth in range(1, len(parts)))
    return any(part in _SKIPPED or part.startswith(".") for part in parts) or any(
        (path / "pyvenv.cfg").is_file() for path in above
    )


def _label(app: Path, root: Path) -> str:
    """The label of an app: that of its AppConfig, else the last part of its name."""
    path = app / "apps.py"
    if path.is_file():
        for node in ast.walk(read_python(path, root)):
            if isinstance(node, ast.ClassDef):
                values = dict(assignments(ast.Module(node.body, [])))
                if isinstance(label := constant(values.get("label")), str):
                    return label
    return app.name


def _migration(app: str, path: Path, root: Path) -> AppMigration | None:
    for node in read_python(path, root).body:
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            values = dict(assignments(ast.Module(node.body, [])))
            replaces = constant(values.get("replaces")) or ()
            return AppMigration(app, path.stem, tuple((str(other), str(name)) for other, name in replaces))
    return None


def examine(migrations: Sequence[AppMigration], rows: Sequence[Row]) -> OriginState:
    """Compare the migrations of the project's apps with ``django_migrations``. Those of installed packages are recorded there
    too, and have no file here."""
    recorded = {(str(row["app"]), str(row["name"])) for row in rows}
    replaced = {key for migration in migrations for key in migration.replaces}
    applied, pending = [], []
    for migration in migrations:
        key = (migration.app, migration.name)
        if key in recorded or (migration.replaces and recorded.issuperset(migration.replaces)):
            applied.append(str(migration))
        elif key not in replaced or not _is_squashed(key, migrations, recorded):
            pending.append(str(migration))
    ours = {migration.app for migration in migrations}
    known = {(migration.app, migration.name) for migration in migrations} | replaced
    unknown = sorted(f"{app}.{name}" for app, name in recorded - known if app in ours)
    packages = sorted({app for app, _ in recorded} - ours)
    notes = (
        (
            f"Migrations of installed apps have no file here: {', '.join(packages)}. `python manage.py showmigrations` lists them.",
        )
        if packages
        else ()
    )
    advice = "`python manage.py migrate` applies what is pending."
    return OriginState(tuple(applied), tuple(pending), tuple(unknown), notes, advice)


def _is_squashed(key: tuple[str, str], migrations: Sequence[AppMigration], recorded: set[tuple[str, str]]) -> bool:
    """Whether a migration that squashes this one is applied."""
    return any(key in migration.replaces and (migration.app, migration.name) in recorded for migration in migrations)
