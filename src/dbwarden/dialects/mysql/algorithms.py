"""The way in which each clause of ALTER TABLE is executed: the algorithm of InnoDB, and whom it keeps waiting.

Measured on MySQL 9.7 and MariaDB 10.11 with every combination of ALGORITHM and LOCK; versions before from the manuals (MySQL:
"Online DDL Operations"; MariaDB: "InnoDB Online DDL Operations with the INSTANT Alter Algorithm"). The text of a clause does
not say what a column was before: MODIFY may be instant or a copy, and counts as a copy.
"""

from __future__ import annotations

from enum import IntEnum

from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterColumn,
    ChangeType,
    ColumnText,
    Constraint,
    CreateIndex,
    DropColumn,
    DropConstraint,
    OtherClause,
    RenameColumn,
    RenameConstraint,
    RenameTable,
)
from dbwarden.core.dialect import Server
from dbwarden.core.statement import Blocks

from .hashed_keys import NO_KEYS, TableKeys, cause_of_copy


class Way(IntEnum):
    """Way of executing a clause, the cheapest first."""

    INSTANT = 0
    """Changes the data dictionary only, under an exclusive metadata lock that is held for a moment."""
    IN_PLACE = 1
    """Reads all rows (an index), without keeping readers or writers waiting."""
    IN_PLACE_SHARED = 2
    """Reads all rows while writers wait."""
    REBUILD = 3
    """Writes all rows anew, in place, without keeping readers or writers waiting."""
    REBUILD_SHARED = 4
    """Writes all rows anew, in place, while writers wait."""
    COPY = 5
    """Copies all rows into a new table while writers wait (MariaDB 11.2: while nobody waits)."""

    @property
    def rebuilds(self) -> bool:
        """Whether it writes all rows anew."""
        return self >= Way.REBUILD

    @property
    def reads_rows(self) -> bool:
        """Whether it takes longer for a larger table."""
        return self is not Way.INSTANT

    def blocks(self, server: Server) -> Blocks:
        """The sessions that wait while a table is changed in this way."""
        match self:
            case Way.INSTANT:
                return Blocks.EVERYBODY
            case Way.COPY if server.flavour == "mariadb" and server.version >= (11, 2):
                return Blocks.DDL
            case Way.IN_PLACE | Way.REBUILD:
                return Blocks.DDL
            case _:
                return Blocks.WRITERS


LOCKS = {
    Blocks.NOTHING: "",
    Blocks.DDL: "SHARED_UPGRADABLE",
    Blocks.WRITERS: "SHARED_NO_WRITE",
    Blocks.EVERYBODY: "EXCLUSIVE",
}
"""Metadata lock of a statement that changes a table (performance_schema.metadata_locks), by whom it blocks."""
_ALGORITHMS = {"INSTANT": Way.INSTANT, "NOCOPY": Way.IN_PLACE, "INPLACE": Way.REBUILD}
"""The most that an explicit ALGORITHM allows: the server refuses the statement otherwise."""
_OF_LOCK = {"NONE": Blocks.DDL, "SHARED": Blocks.WRITERS, "EXCLUSIVE": Blocks.EVERYBODY}


def way_of(clause: Action, server: Server) -> Way:
    """The way in which a clause is executed if it does not say so itself; the dearest one that its text allows."""
    mariadb = server.flavour == "mariadb"
    match clause:
        case AddColumn(_, column):
            return _added(column, server)
        case DropColumn():
            return Way.INSTANT if mariadb or server.version >= (8, 0, 29) else Way.REBUILD
        case RenameColumn():
            return Way.INSTANT if mariadb or server.version >= (8, 0, 28) else Way.IN_PLACE
        case ChangeType():
            return Way.COPY
        case AlterColumn() | RenameTable():
            return Way.INSTANT
        case AddConstraint(_, constraint):
            return _constraint(constraint, server)
        case CreateIndex(method="FULLTEXT"):
            return Way.REBUILD_SHARED  # the first one of a table adds a hidden column
        case CreateIndex(columns=columns, method=method):
            return Way.IN_PLACE_SHARED if method or not columns else Way.IN_PLACE  # spatial or functional
        case DropConstraint(kind="primary key"):
            return Way.COPY
        case DropConstraint() | RenameConstraint():
            return Way.INSTANT
        case OtherClause(_, words):
            return _other(words)
        case _:
            return Way.COPY


def joint_way(clauses: tuple[Action, ...], server: Server, keys: TableKeys = NO_KEYS) -> Way:
    """The way in which a whole ALTER TABLE is executed, of a table that has ``keys``."""
    if server.flavour == "mariadb" and cause_of_copy(clauses, keys):
        return Way.COPY
    ways = [way_of(clause, server) for clause in clauses]
    way = max(ways, default=Way.INSTANT)
    if _replaces_primary_key(clauses):
        return max((way_of(clause, server) for clause in clauses if not _of_primary_key(clause)), default=Way.REBUILD)
    moves_columns = any(isinstance(clause, AddColumn | DropColumn) for clause in clauses)
    if Way.INSTANT < way < Way.REBUILD and moves_columns and not all(isinstance(c, DropColumn) for c in clauses):
        return Way.REBUILD if way is Way.IN_PLACE else Way.REBUILD_SHARED
    return way


def stated(clauses: tuple[Action, ...]) -> dict[str, str]:
    """The values of ALGORITHM and LOCK, if the statement has them."""
    return settings_of(tuple(clause.words for clause in clauses if isinstance(clause, OtherClause)))


def settings_of(how: tuple[tuple[str, ...], ...]) -> dict[str, str]:
    """The values of ALGORITHM and LOCK among clauses in words."""
    return {words[0]: words[1] for words in how if words[:1] in (("ALGORITHM",), ("LOCK",)) and len(words) > 1}


def limited(way: Way, settings: dict[str, str]) -> Way:
    """The way of a statement with an explicit ALGORITHM, which the server obeys or refuses."""
    algorithm = settings.get("ALGORITHM", "DEFAULT")
    if algorithm == "COPY":
        return Way.COPY
    return min(way, _ALGORITHMS.get(algorithm, Way.COPY))


def blocked(way: Way, settings: dict[str, str], server: Server) -> Blocks:
    """The sessions that wait, by the explicit LOCK if there is one."""
    return _OF_LOCK.get(settings.get("LOCK", ""), way.blocks(server))


def _added(column: ColumnText, server: Server) -> Way:
    mariadb = server.flavour == "mariadb"
    default = column.default or ""
    if column.stored:
        return Way.REBUILD_SHARED
    if column.references is not None or (column.checked and not mariadb):
        return Way.COPY
    if "(" in default and not default.upper().startswith(_CLOCKS):
        return Way.COPY
    if column.unique or column.primary:
        return Way.REBUILD
    everywhere = mariadb or server.version >= (8, 0, 29)
    return Way.INSTANT if everywhere or not column.position or column.generated else Way.REBUILD


_CLOCKS = ("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP")


def _constraint(constraint: Constraint, server: Server) -> Way:
    match constraint.kind:
        case "unique":
            return Way.IN_PLACE
        case "primary key":
            return Way.REBUILD
        case "check" if constraint.text.endswith("NOT ENFORCED"):
            return Way.INSTANT
        case _:
            return Way.COPY


_INSTANT_OPTIONS = frozenset(
    "AUTO_INCREMENT COMMENT STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES AVG_ROW_LENGTH MAX_ROWS MIN_ROWS CHECKSUM"
    " DELAY_KEY_WRITE PACK_KEYS DEFAULT CHARACTER CHARSET COLLATE CONNECTION PASSWORD WAIT NOWAIT ALGORITHM LOCK WITH WITHOUT"
    " DISABLE ENABLE DISCARD IMPORT EXCHANGE UNION INSERT_METHOD SECONDARY_ENGINE".split()
)
_REBUILDING = frozenset(
    "ENGINE FORCE ROW_FORMAT KEY_BLOCK_SIZE COMPRESSION PAGE_COMPRESSED PAGE_COMPRESSION_LEVEL ENCRYPTED ENCRYPTION"
    " ENCRYPTION_KEY_ID TABLESPACE OPTIMIZE REBUILD TYPE DATA INDEX".split()
)


def _other(words: tuple[str, ...]) -> Way:
    match words:
        case ("ALTER", "CHECK" | "CONSTRAINT", *rest) if "NOT" not in rest:  # ENFORCED: reads all rows
            return Way.COPY
        case ("ALTER", *_):
            return Way.INSTANT
        case ("ADD" | "DROP" | "TRUNCATE", "PARTITION", *_):
            return Way.INSTANT
        case (word, *_) if word in _INSTANT_OPTIONS:
            return Way.INSTANT
        case (word, *_) if word in _REBUILDING:
            return Way.REBUILD
        case ("CHECK" | "ANALYZE" | "REPAIR", "PARTITION", *_):
            return Way.IN_PLACE
        case _:
            return Way.COPY  # CONVERT, ORDER BY, PARTITION BY, REORGANIZE, REMOVE, COALESCE, SYSTEM VERSIONING


def _of_primary_key(clause: Action) -> bool:
    match clause:
        case DropConstraint(kind="primary key"):
            return True
        case AddConstraint(_, Constraint("primary key")):
            return True
        case _:
            return False


def _replaces_primary_key(clauses: tuple[Action, ...]) -> bool:
    """DROP PRIMARY KEY is a copy, but with ADD PRIMARY KEY a rebuild in place."""
    return sum(map(_of_primary_key, clauses)) > 1
