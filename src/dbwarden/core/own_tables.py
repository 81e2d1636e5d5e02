"""DBWarden's own tables in the user's database, a row per column.

Each dialect translates the types: ``name`` is a short text, ``owner`` the name of a configured database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Schema

MIGRATIONS = "dbwarden_migrations"
LOCK = "dbwarden_lock"
JOURNAL = "dbwarden_journal"
SEEDS = "dbwarden_seeds"

COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    # Append-only events; the state of a migration is its last event.
    MIGRATIONS: (
        ("id", "serial primary key"),
        ("migration", "name not null"),  # the key: 0001, RA__grants
        ("kind", "name not null"),  # versioned | runs_always | runs_on_change
        ("file_name", "text not null"),
        ("description", "text not null"),
        ("checksum", "name not null"),
        ("event", "name not null"),  # applied | baselined | rolled_back | failed | rollback_failed
        ("statements_done", "integer not null"),
        ("statements_total", "integer not null"),
        ("at", "timestamp not null"),
        ("duration", "double not null"),  # seconds
        ("applied_by", "text not null"),  # user@host
        ("tool_version", "name not null"),
        ("seed", "boolean not null"),
        ("error", "text"),
        ("rollback_sql", "text"),
        ("database_name", "owner"),
        ("file_digest", "name"),  # SHA-256 of the file's bytes
    ),
    # One row per project; the four columns of the documented layout first.
    LOCK: (
        ("id", "integer primary key"),
        ("locked", "boolean default false"),
        ("acquired_at", "timestamp"),
        ("release_at", "timestamp"),
        ("host", "text"),
        ("pid", "integer"),
        ("holder_user", "text"),
        ("command", "text"),
        ("session", "text"),
        ("heartbeat", "timestamp"),
        ("token", "name"),
        ("database_name", "owner"),  # unique
    ),
    # One row per statement that ran, or was about to run, outside a transaction.
    JOURNAL: (
        ("id", "serial primary key"),
        ("migration", "name not null"),
        ("direction", "name not null"),  # upgrade | rollback | seed | seed_rollback
        ("statement", "integer not null"),  # 1-based
        ("checksum", "name not null"),  # of the statement
        ("state", "name not null"),  # intent | done
        ("at", "timestamp not null"),
        ("token", "name not null"),
        ("database_name", "owner"),
    ),
    # Append-only events of seeds, like those of migrations.
    SEEDS: (
        ("id", "serial primary key"),
        ("seed", "name not null"),  # the key
        ("file_name", "text not null"),
        ("checksum", "name not null"),
        ("event", "name not null"),
        ("at", "timestamp not null"),
        ("applied_by", "text not null"),
        ("rollback_sql", "text"),
        ("database_name", "owner"),
        ("kind", "name"),
        ("description", "text"),
        ("statements_done", "integer"),
        ("statements_total", "integer"),
        ("duration", "double"),
        ("tool_version", "name"),
        ("error", "text"),
        ("file_digest", "name"),
    ),
}

OWNER = "database_name"
"""The column with the name of the configured database that a row belongs to. Rows of earlier versions, which lacked it, have
``UNCLAIMED`` until a project with their files is run."""
UNCLAIMED = ""
FILE_DIGEST = "file_digest"
"""The column of the history with the SHA-256 of a file's bytes; NULL in rows of earlier versions."""
LATER: Mapping[str, tuple[str, ...]] = {
    MIGRATIONS: (OWNER, FILE_DIGEST),
    LOCK: (OWNER,),
    JOURNAL: (OWNER,),
    SEEDS: (
        *(OWNER, "kind", "description", "statements_done", "statements_total"),
        *("duration", "tool_version", "error", FILE_DIGEST),
    ),
}
"""The columns that earlier versions lacked: the last ones of each table, in the order of their introduction."""


def later_type(table: str, column: str) -> str:
    """The word for the type of one of the columns ``LATER``, as ``COLUMNS`` has it."""
    return dict(COLUMNS[table])[column]


@dataclass(frozen=True, slots=True)
class OwnTables:
    """Names of the own tables of one project, and the ``database_name`` in its rows."""

    owner: str = "primary"
    history: str = MIGRATIONS
    """The setting ``history_table``, from which the other tables' names are derived."""
    schema: str | None = None
    """The setting ``history_schema``; ``None`` for the search path."""
    quote: str = '"'
    """Quote around names (``LexicalRules.identifier_quotes``)."""
    lock_required: bool = True
    """Whether a server that cannot give a lock is refused (the setting ``lock``)."""
    of_target: bool = False
    """Whether ``schema`` is the target of a fleet, which nothing creates."""
    events: str = MIGRATIONS
    """The table with the events of the files that run: ``MIGRATIONS`` or ``SEEDS``. Lock and journal serve both."""

    @property
    def of_seeds(self) -> OwnTables:
        """The same tables for seeds."""
        return replace(self, events=SEEDS)

    @property
    def history_name(self) -> str:
        """The name of the table of events as SQL."""
        return self.name(self.events)

    @property
    def directions(self) -> Mapping[str, str]:
        """The journal's word for each direction, by which the files of seeds differ from migrations with the same key."""
        return _DIRECTIONS[self.events]

    @property
    def lock(self) -> str:
        return self.name(LOCK)

    @property
    def journal(self) -> str:
        return self.name(JOURNAL)

    def name(self, table: str) -> str:
        """The name of one of the four tables as SQL."""
        plain = self.plain(table)
        name = plain if plain == table else self._quoted(plain)  # the user's name may be a reserved word
        return f"{self._quoted(self.schema)}.{name}" if self.schema else name

    def _quoted(self, name: str) -> str:
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def plain(self, table: str) -> str:
        """The name of one of the four tables: that of the history with the ending ``_migrations`` replaced, or with an ending
        added (``audit`` -> ``audit_lock``)."""
        if table == MIGRATIONS:
            return self.history
        return self.history.removesuffix(_HISTORY_ENDING) + table.removeprefix("dbwarden")

    @property
    def key(self) -> str:
        """Name of the native lock, unique for each project and set of tables."""
        return f"{self.schema or ''}.{self.plain(LOCK)}.{self.owner}"


_HISTORY_ENDING = "_migrations"
_DIRECTIONS: Mapping[str, Mapping[str, str]] = {
    MIGRATIONS: {"upgrade": "upgrade", "rollback": "rollback"},
    SEEDS: {"upgrade": "seed", "rollback": "seed_rollback"},
}

_LAYOUTS = {
    frozenset(column for column, _ in columns[: len(columns) - absent])
    for table, columns in COLUMNS.items()
    for absent in range(len(LATER[table]) + 1)
}
"""Sets of columns of the own tables, of this and of earlier versions."""


def without_own(schema: Schema) -> Schema:
    """``schema`` without own tables under other names (``history_table``), perhaps of another project: they are recognised by
    their columns."""
    own_tables = [table.ref for table in schema.tables() if frozenset(table.columns) in _LAYOUTS]
    return schema.without(*own_tables, *(item.ref for table in own_tables for item in schema.members(table)))
