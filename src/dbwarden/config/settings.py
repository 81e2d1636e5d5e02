"""Settings of a project's configuration.

Each field of ``Database`` is one setting. Loading, validation, ``settings show``, the reference page and the messages about
unknown keys are derived from the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from dbwarden.core.engine import ENGINES, SCHEMES
from dbwarden.core.own_tables import MIGRATIONS
from dbwarden.core.redaction import redacted, redacted_text
from dbwarden.core.url import Url
from dbwarden.errors import (
    InvalidName,
    InvalidSetting,
    NoDevDatabase,
    TypeMismatch,
)

from .setting_kinds import (
    BACKUP_PLACE,
    CLUSTER_NAME,
    COMMANDS,
    DURATION,
    ENGINE,
    FLAG,
    FOLDER,
    HOOK,
    LIST,
    NAME,
    POSITIVE_DURATION,
    SCHEMA_NAME,
    TABLE_NAME,
    TARGETS,
    TEXT,
    URL,
    SettingKind,
    choice,
    is_query,
)
from .urls import check_database, check_driver, connectable, in_memory, parse, target

VALID_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""Form of a database's name."""

# -- settings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """Description of a setting for the reference page and ``settings show``. A computed ``default`` is described in words."""

    name: str
    type: str
    default: object
    documentation: str
    required: bool


@dataclass(frozen=True, slots=True)
class SettingValue:
    """Setting of one database: its ``value`` for printing and JSON, with passwords masked, and whether the configuration
    sets it (``configured``) or it is the default."""

    setting: Setting
    value: object
    configured: bool


def _setting(
    kind: SettingKind, documentation: str, default: object = None, *, required: bool = False, shown: str | None = None
) -> Any:
    """A field that is a setting. ``shown`` describes a default that depends on other settings."""
    metadata = {"kind": kind, "documentation": documentation, "required": required, "shown": shown}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Database:
    """A validated database configuration. Folders are absolute, durations are in seconds.

    The constructor accepts values as people write them (lists, ``"10s"``, folders as text), and raises ``ConfigurationError``
    with ``source`` for each mistake. Its repr shows no password; to print a URL use ``shown_url``.
    """

    database_name: str = _setting(
        NAME, "Name of the database in commands and folders: a letter, then letters, digits and _.", required=True
    )
    default: bool = _setting(FLAG, "Whether commands without -d mean this database.", False)
    database_type: str = _setting(ENGINE, "The database product.", shown="from database_url_sync")
    database_url_sync: str = _setting(
        URL, "URL of the database. DBWarden itself connects with this one.", shown="from database_url_async"
    )
    database_url_async: str | None = _setting(
        URL, "The application's URL with an asynchronous driver, for `async_session`."
    )
    urls_from: str | tuple[str, ...] | None = _setting(
        TARGETS,
        "Fleet: the URLs of many databases that share these migrations: a query, a file, `env:NAME` or a list.",
    )
    schemas_from: str | tuple[str, ...] | None = _setting(
        TARGETS,
        "Fleet: schemas (MySQL, MariaDB, ClickHouse: databases) behind the URL that share these migrations: likewise.",
    )
    control_database: str | None = _setting(
        TEXT,
        "Name of the configured database that answers the query of urls_from or schemas_from.",
        shown="for schemas_from, this one",
    )
    shared_schemas: tuple[str, ...] = _setting(
        LIST, "Schemas behind that of the target in the search path, for schemas_from: `public` for extensions.", ()
    )
    reference_target: str | None = _setting(
        TEXT, "Target of the fleet that commands without --fleet mean.", shown="database_url_sync, for urls_from"
    )
    dev_database_type: str | None = _setting(
        ENGINE, "The database product that --dev uses.", shown="from dev_database_url"
    )
    dev_database_url: str | None = _setting(URL, "URL of the database that --dev uses instead.")
    model_paths: tuple[str, ...] = _setting(
        LIST, "Where the models are: modules (`app.models`; packages are walked), files or folders.", ()
    )
    model_tables: tuple[str, ...] | None = _setting(
        LIST, "Only these tables of the models belong to this database.", shown="all tables"
    )
    schema_files: tuple[str, ...] = _setting(
        LIST,
        "SQL files with views, routines and triggers that belong to the models, as patterns from the project's folder.",
        ("schema/*.sql",),
    )
    ignore_tables: tuple[str, ...] = _setting(
        LIST, "Patterns of tables to ignore (`audit_*`, `audit.*` with a schema).", ()
    )
    ignore_schemas: tuple[str, ...] = _setting(LIST, "Patterns of schemas to ignore, with everything in them.", ())
    ignore_indexes: tuple[str, ...] = _setting(LIST, "Patterns of indexes to leave as the database has them.", ())
    ignore_enums: tuple[str, ...] = _setting(LIST, "Patterns of enums to ignore.", ())
    ignore_domains: tuple[str, ...] = _setting(LIST, "Patterns of domains to ignore.", ())
    ignore_sequences: tuple[str, ...] = _setting(LIST, "Patterns of sequences to ignore.", ())
    ignore_views: tuple[str, ...] = _setting(LIST, "Patterns of views to ignore.", ())
    ignore_functions: tuple[str, ...] = _setting(LIST, "Patterns of functions and procedures to ignore.", ())
    ignore_extensions: tuple[str, ...] = _setting(LIST, "Patterns of extensions to ignore.", ())
    ignore_triggers: tuple[str, ...] = _setting(LIST, "Patterns of triggers, event triggers and rules to ignore.", ())
    ignore_constraints: tuple[str, ...] = _setting(
        LIST, "Patterns of constraints to leave as the database has them (not primary keys).", ()
    )
    ignore_policies: tuple[str, ...] = _setting(LIST, "Patterns of policies to ignore.", ())
    ignore_collations: tuple[str, ...] = _setting(LIST, "Patterns of collations to ignore.", ())
    ignore_text_search: tuple[str, ...] = _setting(
        LIST, "Patterns of dictionaries and configurations of full-text search to ignore.", ()
    )
    ignore_statistics: tuple[str, ...] = _setting(LIST, "Patterns of extended statistics to ignore.", ())
    ignore_events: tuple[str, ...] = _setting(LIST, "Patterns of events to ignore.", ())
    ignore_publications: tuple[str, ...] = _setting(LIST, "Patterns of publications to ignore, with their tables.", ())
    ignore_security_labels: tuple[str, ...] = _setting(
        LIST, "Patterns of providers whose security labels to ignore.", ()
    )
    ignore_foreign_servers: tuple[str, ...] = _setting(LIST, "Patterns of foreign servers to ignore.", ())
    ignore_named_collections: tuple[str, ...] = _setting(LIST, "Patterns of named collections to ignore.", ())
    ignore_roles: tuple[str, ...] = _setting(LIST, "Patterns of roles to ignore.", ())
    ignore_grantees: tuple[str, ...] = _setting(
        LIST, "Patterns of roles and accounts whose privileges and memberships to ignore.", ()
    )
    overlap_models: bool = _setting(FLAG, "Allows this database to share model_paths with another one.", False)
    migrations_dir: Path = _setting(FOLDER, "Folder of the migration files.", shown="migrations/<database_name>")
    seeds_dir: Path = _setting(FOLDER, "Folder of the seed files.", shown="seeds/<database_name>")
    backup_dir: Path = _setting(FOLDER, "Folder for `migrate --with-backup`.", shown="backups")
    backup_to: str | None = _setting(
        BACKUP_PLACE,
        "Where the server itself saves backups (`Disk('backups', '{name}')`), for ClickHouse.",
        shown="all rows in one file of backup_dir",
    )
    sandbox_url: str | None = _setting(URL, "An empty database of the same product, in which migrations are tried out.")
    lock_timeout: float = _setting(
        DURATION, "How long a statement waits for locks in the database (SET lock_timeout); 0: without limit.", 5.0
    )
    statement_timeout: float | None = _setting(DURATION, "How long one statement may run.", shown="the server's own")
    connect_timeout: float = _setting(POSITIVE_DURATION, "How long to wait for a connection.", 5.0)
    lock_wait: float = _setting(DURATION, "How long to wait for another migrate that holds the lock.", 10.0)
    lock_recovery: str = _setting(
        choice("manual", "auto"),
        "auto takes over a lock whose holder is certainly gone; manual leaves it to `unlock`.",
        "manual",
    )
    lock: str = _setting(
        choice("required", "none"),
        "none migrates without a lock on a server that cannot give one; required refuses.",
        "required",
    )

    runners: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        COMMANDS,
        "Commands, by name, of the programs that a file's header `-- runner: NAME` asks for, beside the built-in ones.",
        (),
    )

    notify: tuple[str, ...] | None = _setting(
        HOOK,
        "Command (a JSON document on stdin) or URL (POST) that is told of each run that changed something or failed.",
    )
    notify_on: str = _setting(choice("always", "success", "failure"), "Outcomes of which `notify` is told.", "always")
    notify_timeout: float = _setting(POSITIVE_DURATION, "How long to wait for `notify`.", 10.0)
    trace_statements: str = _setting(
        choice("outline", "full", "none"),
        "Statements in the spans of OpenTelemetry: outline has no values in them, full has what may be secret.",
        "outline",
    )

    cluster: str | None = _setting(
        CLUSTER_NAME, "Cluster on all servers of which migrations run, or a macro (`{cluster}`), for ClickHouse."
    )
    history_table: str = _setting(
        TABLE_NAME,
        "Table of the history; lock, journal and seeds are named after it (`audit_migrations`: `audit_lock`, ...).",
        MIGRATIONS,
    )
    history_schema: str | None = _setting(
        SCHEMA_NAME, "Schema of these tables, created if it is missing.", shown="the first of the search path"
    )

    root: Path = field(default_factory=Path.cwd)
    """Base of relative folders, model paths and SQLite files."""
    source: str = field(default="database_config", compare=False)
    """File and line of the declaration, for messages: ``warden.py:3``."""
    configured: frozenset[str] = field(init=False, compare=False)
    """Names of the settings that the configuration sets."""

    def __post_init__(self) -> None:
        rows = [row for row in fields(self) if "kind" in row.metadata]
        put = object.__setattr__
        put(self, "configured", frozenset(row.name for row in rows if getattr(self, row.name) != row.default))
        put(self, "root", Path(self.root).absolute())
        for row in rows:
            value = getattr(self, row.name)
            if value is None and row.default is None and not row.metadata["required"]:
                continue
            put(self, row.name, self._read(row.name, row.metadata["kind"], value))
        self._check_name()
        self._check_urls()
        self._check_fleet()
        if self.history_schema and ENGINES[self.database_type].file:
            raise self._invalid("history_schema", f"is not for {self.database_type}: a database file has no schemas")
        if self.cluster and not ENGINES[self.database_type].clusters:
            raise self._invalid("cluster", f"is not for {self.database_type}, which has no clusters with names")
        if self.backup_to and not ENGINES[self.database_type].server_backups:
            raise self._invalid("backup_to", f"is not for {self.database_type}, whose server saves no backups itself")
        self._place_folders()

    def _read(self, key: str, kind: SettingKind, value: object) -> object:
        if value is None:
            raise self._invalid(key, "is missing")
        try:
            return kind.read(value)
        except ValueError as problem:
            raise self._invalid(key, str(problem)) from None

    def _invalid(self, key: str, reason: str) -> InvalidSetting:
        owner = f" of database '{redacted_text(str(self.database_name))}'" if key != "database_name" else ""
        return InvalidSetting(source=self.source, key=key, owner=owner, reason=redacted_text(reason))

    def _check_name(self) -> None:
        if not VALID_NAME.fullmatch(self.database_name):
            raise InvalidName(source=self.source, name=redacted_text(self.database_name))

    def _place_folders(self) -> None:
        defaults = {
            "migrations_dir": Path("migrations", self.database_name),
            "seeds_dir": Path("seeds", self.database_name),
            "backup_dir": Path("backups"),
        }
        for key, default in defaults.items():
            object.__setattr__(self, key, self.root / (getattr(self, key) or default))

    # -- URLs

    def _check_urls(self) -> None:
        put = object.__setattr__
        if not self.database_url_sync and self.database_url_async:
            put(self, "database_url_sync", self.database_url_async)
        if not self.database_url_sync and self.urls_from is None:
            raise self._invalid("database_url_sync", "is missing")
        if self.dev_database_type and not self.dev_database_url:
            raise self._invalid("dev_database_type", "needs a dev_database_url beside it")
        if self.database_url_sync:
            put(self, "database_type", self._engine_of("database_url_sync", "database_type"))
        elif not self.database_type:
            raise self._invalid(
                "database_type", "is missing: urls_from alone does not say which product the targets are"
            )
        if self.dev_database_url:
            put(self, "dev_database_type", self._engine_of("dev_database_url", "dev_database_type"))
        for key in ("database_url_async", "sandbox_url"):
            if getattr(self, key):
                self._engine_of(key, "database_type")

    def _check_fleet(self) -> None:
        """Refuse settings of a fleet that do not go together."""
        if self.urls_from is not None and self.schemas_from is not None:
            raise self._invalid("schemas_from", "stands beside urls_from: a target is a database or a schema")
        if not self.is_fleet:
            for key in ("control_database", "shared_schemas", "reference_target"):
                if getattr(self, key):
                    raise self._invalid(key, "needs urls_from or schemas_from beside it")
            return
        by_schema = self.schemas_from is not None
        if by_schema and ENGINES[self.database_type].file:
            raise self._invalid("schemas_from", f"is not for {self.database_type}: a database file has no schemas")
        if self.shared_schemas and not (by_schema and ENGINES[self.database_type].namespace_option):
            raise self._invalid("shared_schemas", "is for schemas_from on an engine with a search path")
        if by_schema and self.history_schema:
            raise self._invalid("history_schema", "does not go with schemas_from: each schema has a history of its own")
        if self.control_database and not is_query(self.urls_from or self.schemas_from):
            raise self._invalid("control_database", "is for a query (SELECT ...), and the targets come from elsewhere")
        if is_query(self.urls_from) and not self.control_database:
            reason = "is a query: name the configured database that answers it as control_database"
            raise self._invalid("urls_from", reason)
        if self.cluster:
            raise self._invalid("cluster", "does not go with a fleet: the targets would share the hosts")

    @property
    def is_fleet(self) -> bool:
        """Whether the entry names many targets."""
        return self.urls_from is not None or self.schemas_from is not None

    def of_target(self, url: str, where: str) -> Database:
        """The settings of one target of the fleet. ``where`` begins messages about its URL. Raises ``ConfigurationError``."""
        return replace(
            self, database_url_sync=url, database_url_async=None, dev_database_type=None, dev_database_url=None,
            urls_from=None, schemas_from=None, control_database=None, shared_schemas=(), reference_target=None,
            source=where,
        )  # fmt: skip

    def check_target(self, url: str, where: str) -> tuple[str, ...]:
        """Validate the URL of a target of the fleet, and return its place (``urls.target``). ``where`` begins messages.

        Raises ``InvalidUrl``, ``TypeMismatch``, and ``InvalidSetting`` for a database in memory.
        """
        parsed, engine = parse(url, where), ENGINES[self.database_type]
        if not engine.accepts(parsed):
            raise TypeMismatch(
                source=where, type_key="database_type", type=engine.name, url_key="the target", url=redacted(url),
                engine=SCHEMES[parsed.scheme].name,
            )  # fmt: skip
        check_driver(parsed, engine, where)
        check_database(parsed, engine, where)
        place = target(parsed, engine, self.root)
        if place is None:
            raise InvalidSetting(source=where, key="the target", owner="", reason="is a database in memory")
        return place

    def _engine_of(self, url_key: str, type_key: str) -> str:
        url = self._parse_url(url_key)
        name: str = getattr(self, type_key) or SCHEMES[url.scheme].name
        if not ENGINES[name].accepts(url):
            raise TypeMismatch(
                source=self.source,
                type_key=type_key,
                type=name,
                url_key=url_key,
                url=redacted(getattr(self, url_key)),
                engine=SCHEMES[url.scheme].name,
            )
        check_driver(url, ENGINES[name], self._setting_location(url_key))
        check_database(url, ENGINES[name], self._setting_location(url_key))
        return name

    def _setting_location(self, key: str) -> str:
        return f"{self.source}: {key} of database '{self.database_name}'"

    def _parse_url(self, key: str) -> Url:
        return parse(getattr(self, key), self._setting_location(key))

    def dialect(self, dev: bool = False) -> str:
        """The engine in use, a name for ``dialects.get``."""
        return (self.dev_database_type or "") if dev and self._has_dev() else self.database_type

    def url(self, dev: bool = False) -> str:
        """The URL for ``sqlalchemy.create_engine``, with an installed driver, an absolute path and the password.

        Raises ``MissingDriver``, and ``NoDevDatabase`` for ``dev`` without a ``dev_database_url``.
        """
        return self._connectable("dev_database_url" if dev and self._has_dev() else "database_url_sync", dev)

    @property
    def drivername(self) -> str:
        """SQLAlchemy's name of dialect and driver in the URL (``mysql+pymysql``), installed or not; the dialect alone if the
        URL names no driver."""
        if not self.database_url_sync:
            return ENGINES[self.database_type].sqlalchemy_dialect
        url = self._parse_url("database_url_sync")
        engine = SCHEMES[url.scheme]
        dialects = (driver.sqlalchemy_dialect for driver in engine.drivers if driver.name == url.driver)
        name = next(dialects, "") or engine.sqlalchemy_dialect
        return f"{name}+{url.driver}" if url.driver else name

    def in_memory(self, dev: bool = False) -> bool:
        """Whether the database is in memory, so that it ends with its connection."""
        key = "dev_database_url" if dev and self._has_dev() else "database_url_sync"
        return ENGINES[self.dialect(dev)].file and bool(getattr(self, key)) and in_memory(self._parse_url(key))

    def async_url(self, dev: bool = False) -> str:
        """The URL for ``create_async_engine``: ``database_url_async``, else derived from the synchronous one."""
        if dev and self._has_dev():
            return self._connectable("dev_database_url", dev, asynchronous=True)
        key = "database_url_async" if self.database_url_async else "database_url_sync"
        return self._connectable(key, dev, asynchronous=True)

    def sandbox(self) -> str | None:
        """``sandbox_url`` for ``sqlalchemy.create_engine``."""
        return self._connectable("sandbox_url", False) if self.sandbox_url else None

    def shown_url(self, dev: bool = False) -> str:
        """The URL as configured, with its password masked, for output, logs and errors."""
        return redacted((self.dev_database_url or "") if dev and self._has_dev() else self.database_url_sync or "")

    def _connectable(self, key: str, dev: bool, *, asynchronous: bool = False) -> str:
        return connectable(self._parse_url(key), ENGINES[self.dialect(dev)], self.root, asynchronous=asynchronous)

    def _has_dev(self) -> bool:
        if not self.dev_database_url:
            raise NoDevDatabase(name=self.database_name, source=self.source)
        return True

    def targets(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each URL setting with a value, and its target; databases in memory are left out, and that of which a fleet has
        schemas."""
        for key, name in (
            ("database_url_sync", self.database_type if self.schemas_from is None else None),
            ("dev_database_url", self.dev_database_type),
            ("sandbox_url", self.database_type),
        ):
            if getattr(self, key) and name:
                place = target(self._parse_url(key), ENGINES[name], self.root)
                if place is not None:
                    yield key, place

    # -- paths and values

    @property
    def state_file(self) -> Path:
        """Path of the state file, which `export-models` writes and ``--offline`` reads."""
        return self.root / ".dbwarden" / self.database_name / "model_state.json"

    def values(self) -> tuple[SettingValue, ...]:
        """All settings with their values for printing."""
        kinds: dict[str, SettingKind] = {
            row.name: row.metadata["kind"] for row in fields(self) if "kind" in row.metadata
        }
        return tuple(
            SettingValue(item, kinds[item.name].show(getattr(self, item.name)), item.name in self.configured)
            for item in SETTINGS
        )

    def __repr__(self) -> str:
        return f"Database({self.database_name!r}, {self.database_type}, {redacted(self.database_url_sync or '')!r})"


def _list_settings() -> tuple[Setting, ...]:
    return tuple(
        Setting(
            name=row.name,
            type=row.metadata["kind"].name,
            default=row.metadata["shown"] or row.metadata["kind"].show(row.default),
            documentation=row.metadata["documentation"],
            required=row.metadata["required"],
        )
        for row in fields(Database)
        if "kind" in row.metadata
    )


SETTINGS: tuple[Setting, ...] = _list_settings()
"""All settings of a database, in the order of the documentation."""

TABLES = frozenset(row.name for row in fields(Database) if row.metadata.get("kind") is COMMANDS)
"""Settings whose values are tables."""
