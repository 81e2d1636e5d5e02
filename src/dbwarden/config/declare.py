"""``database_config(...)``, with which a ``warden.py`` declares databases, and the handle that it returns to applications."""

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
    from sqlalchemy.orm import Session, sessionmaker

SETTING_NAMES = tuple(setting.name for setting in SETTINGS)

ALIASES = {"sqlalchemy_url": "database_url_sync"}
"""Older names of settings."""

_LOGIN = re.compile(r"(?:[\w.-]+\s*=\s*)?[A-Za-z][\w.+-]*://(?:\$\{[^}]*\}|[^@/?#$])*@")
"""A URL, for the target of a fleet behind a name, up to the end of user name and password; references count as text."""
_REFERENCE = re.compile(r"\$(?P<escape>\$\{)|\$\{(?P<name>[^}]*)(?P<end>\}?)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """The settings of a database as written. ``file`` is the absolute path of the code, ``source`` its form in messages."""

    values: Mapping[str, Any] = field(repr=False)
    source: str
    file: str

    @property
    def name(self) -> object:
        """The database's name, not validated."""
        return self.values.get("database_name")


@dataclass(slots=True)
class Registry:
    """The databases that one configuration declares, in order."""

    root: Path
    environ: Mapping[str, str] = field(repr=False)
    cwd: Path
    databases: dict[str, Database] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)

    def add(self, declaration: Declaration) -> Database:
        """Validate and store a declaration. Executing the same line again replaces it."""
        check_keys(declaration.values, declaration.source)
        values = {
            key: expand(value, key, declaration.source, self.environ) for key, value in declaration.values.items()
        }
        database = Database(**values, root=self.root, source=declaration.source)
        former = self.databases.get(database.database_name)
        if former is not None and (former, former.source) != (database, database.source):
            raise DuplicateDatabase(source=database.source, name=database.database_name, first=former.source)
        self.databases[database.database_name] = database
        self.declarations[database.database_name] = declaration
        return database

    def declare(self, values: Mapping[str, Any], file: str, line: int) -> DatabaseHandle:
        """Add the declaration at ``file:line`` and return its handle."""
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
    """Replace ``${NAME}`` in text, and in lists and tables of text, by environment variables; ``$${`` is a literal ``${``.

    In the user name or password of a URL the value is percent-encoded, so that it may contain ``@``, ``/``, ``:`` and ``%``.
    """
    if isinstance(value, list | tuple):
        return [expand(item, key, source, environ) for item in value]
    if isinstance(value, dict):
        return {name: expand(item, key, source, environ) for name, item in value.items()}
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
    """A path in messages: relative if it is below the working directory, else absolute."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)


# -- the active registry ------------------------------------------------------------------------------------------

_active: ContextVar[Registry | None] = ContextVar("dbwarden_registry", default=None)
"""The registry of the running ``load``; ``None`` if an application imports the configuration."""
_declared: dict[str, Database] = {}


@contextmanager
def active_registry(registry: Registry) -> Iterator[None]:
    """Context in which ``database_config``, in this thread, declares into ``registry``."""
    token = _active.set(registry)
    try:
        yield
    finally:
        _active.reset(token)


def declared() -> Mapping[str, Database]:
    """Databases declared outside of ``load``, by importing the configuration; the last one of each name."""
    return dict(_declared)


def database_config(**settings: Any) -> DatabaseHandle:
    """Declare a database and return a handle to it.

    DBWarden loads the ``warden.py`` that calls it; an application may import the same file for the handles. Declaring a name
    again (a re-import) replaces it. Relative paths start at the folder of the configuration file or, in an application, of
    the calling file. Raises ``ConfigurationError``.
    """
    caller = sys._getframe(1)  # its file and line identify the declaration in messages
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
    """Access to a configured database through SQLAlchemy, which is imported at the first use.

    ``engine`` and ``async_engine`` are created once. Raises ``MissingDriver`` with the package to install.
    """

    def __init__(self, settings: Database, declaration: Declaration) -> None:
        self.settings = settings
        self.declaration = declaration
        self._engine_options: Mapping[str, Any] = {}

    @classmethod
    def of(cls, settings: Database, **engine_options: Any) -> DatabaseHandle:
        """A handle for settings that no configuration declares as they are, with arguments of ``create_engine``."""
        handle = cls(settings, Declaration({"database_name": settings.database_name}, settings.source, ""))
        handle._engine_options = engine_options
        return handle

    @property
    def name(self) -> str:
        return self.settings.database_name

    @cached_property
    def engine(self) -> Engine:
        """A SQLAlchemy engine for ``database_url_sync``."""
        from sqlalchemy import create_engine  # deferred: slow, and most commands only read the configuration

        return create_engine(self.settings.url(), **self._engine_options)

    @cached_property
    def async_engine(self) -> AsyncEngine:
        """An asynchronous SQLAlchemy engine for ``database_url_async``, else for the same database as ``engine``."""
        url = self.settings.async_url()
        try:
            from sqlalchemy.ext.asyncio import create_async_engine
        except ImportError as problem:  # SQLAlchemy bridges to asyncio with greenlet, which is optional
            install = 'pip install "sqlalchemy[asyncio]"'
            engine = self.settings.database_type
            raise MissingDriver(engine=engine, kind="asynchronous ", wanted="greenlet", install=install) from problem
        return create_async_engine(url, **self._engine_options)

    @cached_property
    def session(self) -> sessionmaker[Session]:
        """A factory of ORM sessions: ``with primary.session() as session``, and in FastAPI ``Depends(primary.session)``."""
        from .sessions import session_factory

        return session_factory(self.engine)

    @cached_property
    def async_session(self) -> async_sessionmaker[AsyncSession]:
        """A factory of asynchronous sessions: ``async with primary.async_session() as session``, and in FastAPI
        ``Depends(primary.async_session)``."""
        engine = self.async_engine
        from .sessions import async_session_factory

        factory: async_sessionmaker[AsyncSession] = async_session_factory(engine)
        return factory

    async def dispose(self) -> None:
        """Close the connections of the engines that were used, when an application ends."""
        if "async_engine" in vars(self):
            await self.async_engine.dispose()
        if "engine" in vars(self):
            self.engine.dispose()

    def __repr__(self) -> str:
        return f"<database {self.name}: {redacted(self.settings.database_url_sync)}>"
