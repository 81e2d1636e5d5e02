"""``database_config(...)``: what a ``warden.py`` calls, and what applications use to reach the same database."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dbwarden.core.redaction import redacted
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import DuplicateDatabase, InvalidSetting, MissingDriver, MissingVariable, UnknownSetting

from .settings import SETTINGS, Database

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
    from sqlalchemy.orm import Session

SETTING_NAMES = tuple(setting.name for setting in SETTINGS)

ALIASES = {"sqlalchemy_url": "database_url_sync"}
"""Names of the older flat form."""

_LOGIN = re.compile(r"[A-Za-z][\w.+-]*://(?:\$\{[^}]*\}|[^@/?#$])*@")
"""A URL up to the end of user name and password; what references stand for is not looked at."""
_REFERENCE = re.compile(r"\$(?P<escape>\$\{)|\$\{(?P<name>[^}]*)(?P<end>\}?)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A database as it was written: ``file`` is the absolute path of the code, ``source`` what messages show."""

    values: Mapping[str, Any] = field(repr=False)
    source: str
    file: str

    @property
    def name(self) -> object:
        """The name it gives, unchecked."""
        return self.values.get("database_name")


@dataclass(slots=True)
class Registry:
    """The databases that one configuration declares, in its order."""

    root: Path
    environ: Mapping[str, str] = field(repr=False)
    cwd: Path
    databases: dict[str, Database] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)

    def add(self, declaration: Declaration) -> Database:
        """Validate and store a declaration. Executing the same one again is not a second declaration."""
        check_keys(declaration.values, declaration.source)
        values = {
            key: expand(value, key, declaration.source, self.environ) for key, value in declaration.values.items()
        }
        database = Database(**values, root=self.root, source=declaration.source)
        known = self.databases.get(database.database_name)
        if known is not None and (known, known.source) != (database, database.source):
            raise DuplicateDatabase(source=database.source, name=database.database_name, first=known.source)
        self.databases[database.database_name] = database
        self.declarations[database.database_name] = declaration
        return database

    def declare(self, values: Mapping[str, Any], file: str, line: int) -> DatabaseHandle:
        """Add what code at ``file:line`` declares."""
        declaration = Declaration(values, f"{shown_path(Path(file), self.cwd)}:{line}", file)
        return DatabaseHandle(self.add(declaration), declaration)


def check_keys(values: Mapping[str, Any], source: str) -> None:
    """Raise ``UnknownSetting`` for the first key that is not a setting."""
    for key in values:
        if key not in SETTING_NAMES:
            name = values.get("database_name")
            raise UnknownSetting(
                source=source,
                key=key,
                owner=f" of database '{name}'" if isinstance(name, str) else "",
                nearest=f"; did you mean '{ALIASES[key]}'?" if key in ALIASES else did_you_mean(key, SETTING_NAMES),
                known=", ".join(SETTING_NAMES),
            )


def expand(value: Any, key: str, source: str, environ: Mapping[str, str]) -> Any:
    """Replace ``${NAME}`` in text, and in lists of text, by environment variables; ``$${`` is a literal ``${``.

    In the user or password place of a URL the value is quoted: it may hold ``@``, ``/``, ``:`` and ``%`` as they are.
    """
    if isinstance(value, list | tuple):
        return [expand(item, key, source, environ) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value

    def resolve(match: re.Match[str]) -> str:
        if match["escape"]:
            return "${"
        variable = match["name"]
        if not match["end"] or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            reason = "has a ${ that is not a reference such as ${NAME}; a literal ${ is written $${"
            raise InvalidSetting(source=source, key=key, owner="", reason=reason)
        if variable not in environ:
            raise MissingVariable(source=source, key=key, variable=variable)
        return quote(environ[variable], safe="") if match.end() <= login_end else environ[variable]

    login = _LOGIN.match(value)
    login_end = login.end() if login else -1
    return _REFERENCE.sub(resolve, value)


def shown_path(path: Path, cwd: Path) -> str:
    """A path for people: relative below the working directory, else absolute."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)


# -- which registry -----------------------------------------------------------------------------------------------

_active: ContextVar[Registry | None] = ContextVar("dbwarden_registry", default=None)
_declared: dict[str, Database] = {}


@contextmanager
def activated(registry: Registry) -> Iterator[None]:
    """While it lasts, ``database_config`` in this thread declares into ``registry``."""
    token = _active.set(registry)
    try:
        yield
    finally:
        _active.reset(token)


def declared() -> Mapping[str, Database]:
    """Databases declared outside a load, by importing the configuration; for each name, the last one."""
    return dict(_declared)


def database_config(**settings: Any) -> DatabaseHandle:
    """Declare a database and return a handle to it.

    In a ``warden.py`` that DBWarden loads, this is the configuration. In an application that imports its ``warden.py``,
    it gives the handle; declaring a name again (a re-import) replaces it. Relative paths start at the project's root:
    the folder of the configuration file, outside a load the folder of the calling file. Raises ``ConfigurationError``.
    """
    caller = sys._getframe(1)
    file = os.path.abspath(caller.f_code.co_filename)
    registry = _active.get()
    if registry is not None:
        return registry.declare(settings, file, caller.f_lineno)
    handle = Registry(Path(file).parent, os.environ, Path.cwd()).declare(settings, file, caller.f_lineno)
    _declared[handle.name] = handle.settings
    return handle


def _signature() -> Signature:
    def default(name: str) -> Any:
        return Database.__dataclass_fields__[name].default

    parameters = [
        Parameter(item.name, Parameter.KEYWORD_ONLY, default=Parameter.empty if item.required else default(item.name))
        for item in SETTINGS
    ]
    return Signature(parameters, return_annotation="DatabaseHandle")


database_config.__signature__ = _signature()  # type: ignore[attr-defined]
database_config.__doc__ = (database_config.__doc__ or "") + "\n".join(
    ["", "    Settings:", *(f"    - ``{item.name}`` ({item.type}): {item.documentation}" for item in SETTINGS), ""]
)


# -- handle -------------------------------------------------------------------------------------------------------


class DatabaseHandle:
    """Handle that ``database_config`` returns. Nothing connects, and SQLAlchemy is not imported, before the first use.

    ``engine`` and ``async_engine`` are made once; a ``MissingDriver`` says what to install.
    """

    def __init__(self, settings: Database, declaration: Declaration) -> None:
        self.settings = settings
        self.declaration = declaration

    @property
    def name(self) -> str:
        """The database's name."""
        return self.settings.database_name

    @cached_property
    def engine(self) -> Engine:
        """An SQLAlchemy engine on ``database_url_sync``."""
        from sqlalchemy import create_engine  # deferred: commands that only read the configuration do not pay for it

        return create_engine(self.settings.url())

    @cached_property
    def async_engine(self) -> AsyncEngine:
        """An SQLAlchemy asynchronous engine on ``database_url_async``, else on the same place as ``engine``."""
        url = self.settings.async_url()
        try:
            from sqlalchemy.ext.asyncio import create_async_engine
        except ImportError as problem:  # SQLAlchemy bridges to asyncio with greenlet, which is optional
            install = 'pip install "sqlalchemy[asyncio]"'
            engine = self.settings.database_type
            raise MissingDriver(engine=engine, kind="asynchronous ", wanted="greenlet", install=install) from problem
        return create_async_engine(url)

    def session(self) -> Session:
        """A new ORM session: ``with primary.session() as session``."""
        from sqlalchemy.orm import Session

        return Session(self.engine)

    @cached_property
    def async_session(self) -> async_sessionmaker[AsyncSession]:
        """Makes asynchronous sessions: ``async with primary.async_session() as session``."""
        engine = self.async_engine
        from sqlalchemy.ext.asyncio import async_sessionmaker

        return async_sessionmaker(engine, expire_on_commit=False)

    def __repr__(self) -> str:
        return f"<database {self.name}: {redacted(self.settings.database_url_sync)}>"
