"""The tables that we keep in the user's database, one row a column; a dialect adds its own type names."""

from __future__ import annotations

from collections.abc import Mapping

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
        ("event", "name not null"),  # applied | baselined | rolled_back | failed
        ("statements_done", "integer not null"),
        ("statements_total", "integer not null"),
        ("at", "timestamp not null"),
        ("duration", "double not null"),  # seconds
        ("applied_by", "text not null"),  # user@host
        ("tool_version", "name not null"),
        ("seed", "boolean not null"),
        ("error", "text"),
        ("rollback_sql", "text"),
    ),
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
    ),
    # One row a statement that ran, or was about to run, outside a transaction.
    JOURNAL: (
        ("id", "serial primary key"),
        ("migration", "name not null"),
        ("direction", "name not null"),  # upgrade | rollback
        ("statement", "integer not null"),  # 1-based
        ("checksum", "name not null"),  # of the statement
        ("state", "name not null"),  # intent | done
        ("at", "timestamp not null"),
        ("token", "name not null"),
    ),
    SEEDS: (
        ("id", "serial primary key"),
        ("seed", "name not null"),
        ("file_name", "text not null"),
        ("checksum", "name not null"),
        ("event", "name not null"),
        ("at", "timestamp not null"),
        ("applied_by", "text not null"),
        ("rollback_sql", "text"),
    ),
}
