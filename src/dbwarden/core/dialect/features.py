"""What an engine can do, asked instead of its name; and the names that DBWarden reserves in a database."""

from __future__ import annotations

from dataclasses import dataclass

OWN_PREFIX = "dbwarden_"
"""Prefix of DBWarden's own tables, which are never inspected, compared or dropped."""

INTERIM_PREFIX = f"{OWN_PREFIX}new_"
"""Prefix of the name of a table that is about to replace another one, with its rows."""

REPLACED_PREFIX = f"{OWN_PREFIX}old_"
"""Prefix of the name under which a table stays that another one has replaced; its rows are in that one."""

SCRATCH_PREFIX = f"{OWN_PREFIX}scratch_"
"""Prefix of the names of scratch databases, their folders and containers."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Features:
    """Capabilities of an engine, checked instead of its name."""

    transactional_ddl: bool = True
    row_counts: bool = True
    """Whether statements report how many rows they changed, and keys keep rows unique. Without, DBWarden's own tables are
    append-only and the lock is a ``core.store.LockCell``."""
    lacks: frozenset[str] = frozenset()
    """Kinds of ``core.kinds`` that the engine does not have. It can create all others, and ``inspect`` finds them."""
    inline_foreign_keys: str = "created"
    """Foreign keys written inside CREATE TABLE: those to tables ``created`` before, or ``all``."""
    for_share: str = ""
    """Clause at the end of a SELECT that protects its rows, those of the table called ``held``, from changes until the
    transaction ends; empty if there is none."""
    now: str = "CURRENT_TIMESTAMP"
    """Expression for the current time in UTC, as precise as the engine has it."""
    table_locks: bool = True
    """Whether a statement locks only the tables that it uses (false: the whole database)."""
    lock_queues: bool = False
    """Whether everybody who needs a table waits behind a statement that waits for its lock, even for one that blocks nobody
    once it has the lock (MySQL's metadata locks)."""
    implicit_defaults: bool = False
    """Whether existing rows get 0 or an empty string for a new NOT NULL column without a default."""
    zero_values: bool = False
    """Whether every column without a default has the zero of its type as one, so that no row lacks a value."""
    indexes_foreign_keys: bool = False
    """Whether the engine itself builds the index that a foreign key needs."""
    concurrent_indexes: bool = False
    """Whether indexes are built without blocking writers by CREATE INDEX CONCURRENTLY."""
    not_valid: bool = False
    """Whether a constraint can be added NOT VALID and validated later without blocking writers."""
    renames: frozenset[str] = frozenset(("table", "column"))
    """The kinds of objects that can be renamed; all others are dropped and added."""
    caseless_names: frozenset[str] = frozenset()
    """The kinds of objects whose names are equal whatever the case of their ASCII letters (``core.spelling``)."""
    shared_names: tuple[frozenset[str], ...] = ()
    """Sets of kinds whose names must differ within a schema, such as tables and indexes."""
    rebuilds_tables: bool = False
    """Whether a change beyond ALTER TABLE creates the table again and copies its rows."""
    copies_databases: bool = False
    """Whether the server makes a copy of a database that nobody uses (``ScratchRequest.template``)."""
    background_rewrites: bool = False
    """Whether statements that rewrite rows do so in the background, without blocking readers and writers (mutations)."""
    numbers_integer_keys: bool = False
    """Whether the engine numbers the rows of a table by a column that is ``INTEGER PRIMARY KEY``."""
    statement_batches: bool = False
    """Whether one message may carry many statements, separated by semicolons."""
    local_settings: bool = True
    """Whether SET LOCAL changes a setting up to the end of the transaction, and ALTER TABLE takes USING."""
    fills_nulls: bool = False
    """Whether making a column NOT NULL replaces its NULLs by its default."""
    numbers_rows: bool = False
    """Whether a column that becomes an identity gets numbers in place of its NULLs and zeros."""
    late_binding: bool = False
    """Whether views and triggers stay valid while a column that they use gets another type."""
    checks_views: bool = False
    """Whether ALTER TABLE refuses to rename and to drop while a view or trigger names what is not there."""
    column_places: bool = False
    """Whether ADD COLUMN takes a place (FIRST, AFTER), so that a dropped column can come back to its own."""
    repeatable_definitions: frozenset[str] = frozenset()
    """Kinds of definitions that can be created or replaced by one text, whether or not they exist: ``ROC__name.sql``."""
    keeps_old_names: frozenset[str] = frozenset()
    """Kinds of definitions whose text the engine leaves as it is when a table or column that it names is renamed
    (``NameRules.bound``)."""

    unenforced_demands: frozenset[str] = frozenset()
    """Kinds of ``core.row_demands`` that a statement does not demand of the rows that are there already."""
    update_by_alter: bool = False
    """Whether rows are changed by ALTER TABLE ... UPDATE ... WHERE, which reads no other table row by row (ClickHouse)."""
    replaceable: frozenset[str] | None = None
    """Kinds of definitions that a statement replaces in place, where others are missing between DROP and CREATE; ``None`` where
    nobody sees the time in between."""
    of_server: frozenset[str] = frozenset()
    """Kinds of objects that the server keeps for all its databases, and that are read only for those who declare some."""
    described_definitions: frozenset[str] = frozenset()
    """Kinds of definitions that models can describe, so that one that a generated migration created is dropped with its
    declaration. All other definitions are left alone."""

    def has(self, kind: str) -> bool:
        """Whether the engine has objects of this kind."""
        return kind not in self.lacks
