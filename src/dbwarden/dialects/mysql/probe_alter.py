"""Probing of ALTER TABLE, clause by clause.

An ALTER TABLE is atomic (MySQL 8; MariaDB 10.6, also after a crash of the server): all its clauses had their effect, or none.

Definitions are not compared as text. The clauses that define a column or an option are applied to an empty temporary copy of
the table: if its definition, as the server prints it, stays the same, then the table is already what they say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from dbwarden.core.ddl.alter import clause as read_clause
from dbwarden.core.ddl.alter import clause_tokens
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterColumn,
    ChangeType,
    ColumnText,
    CreateIndex,
    DropColumn,
    DropConstraint,
    OtherClause,
    RenameColumn,
    RenameConstraint,
    RenameTable,
)
from dbwarden.core.dialect import OWN_PREFIX
from dbwarden.core.types import Ref
from dbwarden.errors import ConnectionLost, DatabaseError, StatementCancelled

from .alter_clauses import CLAUSES
from .probe_catalog import Catalog, qualified
from .statements import grammar
from .words import quote

COPY = f"{OWN_PREFIX}probe"
"""Name of the temporary table."""


class Verdict(Enum):
    """What the catalogue says about a clause."""

    DONE = "done"
    """It had its effect: the server would have refused it on a table that was like this before."""
    SAME = "same"
    """The table is as the clause says, perhaps from before."""
    MISSING = "missing"
    """It had no effect."""
    REPEATABLE = "repeatable"
    """Nothing shows it, and to run it again does no harm."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ClauseText:
    """A clause of ALTER TABLE with its text."""

    at: Cursor
    actions: tuple[Action, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The first words in upper case; a quoted name is one, as it is stored."""
        tokens = self.at.all()[:6]
        return tuple(token.text.upper() if token.text[0] not in "`'\"" else token.text[1:-1] for token in tokens)

    @property
    def text(self) -> str:
        return self.at.source(self.at.all())

    def definitions(self) -> Iterator[str]:
        """Texts of the column definitions, from the name of the column on."""
        at = self.at.inner(self.at.all())
        verb = at.word()
        at.take()
        at.skip("COLUMN")
        at.skip("IF", "NOT", "EXISTS")
        at.skip("IF", "EXISTS")
        if verb == "CHANGE":
            at.take()
        if at.word() == "(":
            yield from (item.source(item.all()) for item in at.items(at.group()))
        else:
            yield at.source(at.rest())


def clauses_of(sql: str, default_schema: str | None = None) -> tuple[Ref, list[ClauseText]]:
    """The table of an ALTER TABLE, and its clauses."""
    at = cursor_at(sql, grammar(default_schema))
    at.find("ALTER")
    at.skip_any("ONLINE", "IGNORE")
    at.skip("TABLE")
    at.skip("IF", "EXISTS")
    table = at.table_name()
    if at.skip("WAIT"):
        at.take()
    at.skip("NOWAIT")
    clauses = []
    while not at.at_end:
        if text := clause_tokens(at):
            clauses.append(ClauseText(at.inner(text), read_clause(at.inner(text), table, CLAUSES)))
        at.skip(",")
    return table, clauses


_AGAIN = frozenset(
    "FORCE ENGINE ORDER ENABLE DISABLE ALGORITHM LOCK WAIT NOWAIT ANALYZE CHECK OPTIMIZE REBUILD REPAIR AUTO_INCREMENT WITH"
    " WITHOUT ROW_FORMAT KEY_BLOCK_SIZE COMPRESSION ENCRYPTED ENCRYPTION ENCRYPTION_KEY_ID PAGE_COMPRESSED"
    " PAGE_COMPRESSION_LEVEL".split()
)
"""First words of clauses that may run again. ENGINE=InnoDB rebuilds the table, which nothing shows; a temporary table has no
row format of its own."""
_OPTIONS = frozenset(
    "AVG_ROW_LENGTH CHARACTER CHARSET CHECKSUM COLLATE COMMENT CONNECTION CONVERT DEFAULT DELAY_KEY_WRITE"
    " MAX_ROWS MIN_ROWS PACK_KEYS PAGE_CHECKSUM STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES TRANSACTIONAL".split()
)


def repeatable(clauses: Sequence[ClauseText]) -> bool:
    """Whether all clauses may run again without a look into the catalogue."""
    return bool(clauses) and all(clause.words[0] in _AGAIN for clause in clauses)


def took_effect(table: Ref, clauses: Sequence[ClauseText], catalog: Catalog) -> bool | None:
    """Whether an ALTER TABLE had its effect; ``None`` if the catalogue does not say."""
    renamed = next((action for clause in clauses for action in clause.actions if isinstance(action, RenameTable)), None)
    if renamed is not None and renamed.new != table:
        old, new = catalog.table(table), catalog.table(renamed.new)
        if old == new:
            return None if old else False
        return new
    if not catalog.table(table):
        return False
    return _together(_Probe(table, clauses, catalog).verdicts())


def _together(verdicts: Sequence[Verdict]) -> bool | None:
    """The answer for a statement whose clauses had their effect together or not at all."""
    seen = set(verdicts)
    if Verdict.MISSING in seen:
        return None if Verdict.DONE in seen else False
    if Verdict.DONE in seen:
        return True
    if Verdict.UNKNOWN in seen:
        return None
    return Verdict.REPEATABLE not in seen


class _Probe:
    """The verdicts on the clauses of one statement."""

    def __init__(self, table: Ref, clauses: Sequence[ClauseText], catalog: Catalog) -> None:
        self.table, self.clauses, self.catalog = table, clauses, catalog
        self.columns = {name.lower() for name in catalog.columns(table)}
        self.applied: list[str] = []
        """Clauses to apply to the copy."""
        self.if_unchanged: list[Verdict] = []
        """Verdicts on new columns, which hold if the present ones have the same definition."""
        self.added = {name for clause in clauses for action in clause.actions for name in _added(action)}
        """Kinds and names, in lower case, of what the statement adds: it may have dropped one of that name before."""

    def verdicts(self) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for clause in self.clauses:
            verdicts += self.clause(clause)
        if Verdict.MISSING in verdicts:
            return verdicts
        unchanged = self.is_unchanged() if self.applied else True
        if unchanged is False:
            return [*verdicts, Verdict.MISSING]
        # Without a copy, what is there by its name counts, and a clause that only defines may run again.
        return [*verdicts, *self.if_unchanged, *([Verdict.REPEATABLE] if unchanged is None else [])]

    def is_unchanged(self) -> bool | None:
        """Whether the definitions leave an empty copy of the table as it is; ``None`` if it cannot be made or changed."""
        conn, copy = self.catalog.conn, quote(COPY)
        try:
            conn.execute(f"DROP TEMPORARY TABLE IF EXISTS {copy}")
            conn.execute(f"CREATE TEMPORARY TABLE {copy} LIKE {qualified(self.table)}")
            before = self.catalog.definition(copy)
            conn.execute(f"ALTER TABLE {copy} {', '.join(self.applied)}")
            return before == self.catalog.definition(copy)
        except (ConnectionLost, StatementCancelled):
            raise
        except DatabaseError:
            return None
        finally:
            with suppress(ConnectionLost):
                conn.execute(f"DROP TEMPORARY TABLE IF EXISTS {copy}")

    # -- clauses

    def clause(self, clause: ClauseText) -> Iterator[Verdict]:
        match clause.words:
            case ("MODIFY" | "CHANGE" | "ADD", *_) if any(
                isinstance(action, ChangeType | AddColumn) for action in clause.actions
            ):
                yield from self.column_clause(clause)
            case ("ALTER", "INDEX" | "KEY", *_):
                self.applied.append(clause.text)
            case (word, *_) if word in _OPTIONS or word in _AGAIN:
                if _is_visible(clause):
                    self.applied.append(clause.text)
                else:
                    yield Verdict.REPEATABLE
            case _:
                yield from (self.action(action, clause) for action in clause.actions)

    def column_clause(self, clause: ClauseText) -> Iterator[Verdict]:
        columns = [_column_of(action) for action in clause.actions]
        for column, text in zip([one for one in columns if one], clause.definitions(), strict=False):
            if column.name.lower() not in self.columns:
                yield Verdict.MISSING
            elif not (column.unique or column.primary or column.references or column.checked):
                self.applied.append(f"MODIFY COLUMN {text}")
        for action in clause.actions:
            if isinstance(action, AddColumn):
                replaced = action.column.name.lower() in self.dropped
                verdict = Verdict.SAME if action.if_not_exists else Verdict.DONE
                self.if_unchanged.append(Verdict.UNKNOWN if replaced else verdict)
            elif isinstance(action, RenameColumn):
                yield self.action(action, clause)

    @property
    def dropped(self) -> set[str]:
        """Names, in lower case, of the columns that the statement drops."""
        actions = [action for clause in self.clauses for action in clause.actions]
        return {action.column.lower() for action in actions if isinstance(action, DropColumn)}

    def action(self, action: Action, clause: ClauseText) -> Verdict:
        match action:
            case DropColumn(_, name, if_exists):
                return self.gone("column", name, name.lower() in self.columns, if_exists)
            case RenameColumn(_, old, new):
                return self.renamed(old, new, set(self.catalog.columns(self.table)))
            case RenameConstraint(_, old, new):
                indexes = set(self.catalog.indexes(self.table))
                return self.renamed(old.lower(), new.lower(), indexes)
            case AddConstraint() | CreateIndex():
                return self.member(action)
            case DropConstraint():
                return self.dropped_member(action)
            case AlterColumn():
                self.applied.append(clause.text)
                return Verdict.SAME
            case OtherClause():
                return self.other(action.words, clause)
            case _:
                return Verdict.UNKNOWN

    def gone(self, kind: str, name: str, present: bool, if_exists: bool) -> Verdict:
        """Verdict on a DROP; one of the same name that the statement adds decides by its own definition."""
        if (kind, name.lower()) in self.added:
            return Verdict.SAME
        return Verdict.MISSING if present else Verdict.SAME if if_exists else Verdict.DONE

    @staticmethod
    def renamed(old: str, new: str, names: set[str]) -> Verdict:
        """Verdict on a RENAME, perhaps of letter case only."""
        if new in names and (old not in names or old == new):
            return Verdict.SAME if old == new else Verdict.DONE
        return Verdict.MISSING if old in names and new not in names else Verdict.UNKNOWN

    def member(self, action: AddConstraint | CreateIndex) -> Verdict:
        """Verdict on a new index or constraint."""
        if isinstance(action, CreateIndex):
            done = Verdict.SAME if action.if_not_exists else Verdict.DONE
            return self.index(action.name, action.columns, done)
        constraint = action.constraint
        columns = tuple(name.lower() for name in constraint.columns)
        match constraint.kind:
            case "primary key":
                keys = self.catalog.indexes(self.table).get("primary", (True, ()))[1]
                return Verdict.DONE if keys == columns else Verdict.MISSING
            case "unique":
                return self.index(constraint.name, constraint.columns, Verdict.DONE)
            case "foreign key":
                keys_by_name = self.catalog.foreign_keys(self.table)
                wanted = (columns, constraint.references.name.lower() if constraint.references else "")
                if constraint.name is None:
                    return Verdict.UNKNOWN if wanted in keys_by_name.values() else Verdict.MISSING
                return Verdict.DONE if keys_by_name.get(constraint.name.lower()) == wanted else Verdict.MISSING
            case "check" if constraint.name is not None:
                present = constraint.name.lower() in self.catalog.constraints(self.table)
                return Verdict.DONE if present else Verdict.MISSING
            case _:
                return Verdict.UNKNOWN

    def index(self, name: str | None, columns: Sequence[str], done: Verdict) -> Verdict:
        wanted = tuple(column.lower() for column in columns)
        indexes = self.catalog.indexes(self.table)
        if name is None:  # the server chooses the name; there may have been such an index before
            same = [keys for _, keys in indexes.values() if keys[: len(wanted)] == wanted]
            return Verdict.UNKNOWN if same else Verdict.MISSING
        keys = indexes.get(name.lower(), (False, ()))[1]
        return done if keys and keys[: len(wanted)] == wanted else Verdict.MISSING

    def dropped_member(self, action: DropConstraint) -> Verdict:
        name, kind = action.name.lower(), action.kind
        if kind in ("index", "primary key"):
            present = name in self.catalog.indexes(self.table)
        else:
            present = name in self.catalog.constraints(self.table)
        if kind == "constraint":
            same = any(name == other for _, other in self.added)
            return Verdict.SAME if same else self.gone(kind, name, present, action.if_exists)
        return self.gone(kind, name, present, action.if_exists)

    def other(self, words: tuple[str, ...], clause: ClauseText) -> Verdict:
        """Verdict on a clause of which only the words are known."""
        verdict = self.partitioning(clause)
        if verdict is not None:
            return verdict
        match clause.words:
            case ("ALTER", "CHECK" | "CONSTRAINT", name, *_):
                enforced = self.catalog.enforced(self.table, name)
                return Verdict.SAME if enforced is not ("NOT" in clause.words) else Verdict.MISSING
            case ("ADD", "SYSTEM", *_):
                return Verdict.DONE if self.catalog.table(self.table, "SYSTEM VERSIONED") else Verdict.MISSING
            case ("DROP", "SYSTEM", *_):
                return Verdict.MISSING if self.catalog.table(self.table, "SYSTEM VERSIONED") else Verdict.DONE
            case _:
                return Verdict.REPEATABLE if words[:1] and words[0] in _AGAIN else Verdict.UNKNOWN

    def partitioning(self, clause: ClauseText) -> Verdict | None:
        """Verdict on a clause about partitions; ``None`` for any other clause."""
        present = self.catalog.partitions(self.table)
        match clause.words:
            case ("REMOVE", "PARTITIONING", *_):
                return Verdict.MISSING if present else Verdict.DONE
            case ("PARTITION", "BY", *_):
                return Verdict.REPEATABLE
            case ("ADD", "PARTITION", *_):
                names = _defined_partitions(clause)
                return Verdict.UNKNOWN if not names else Verdict.DONE if names <= present else Verdict.MISSING
            case ("REORGANIZE", "PARTITION", *_):
                names = _defined_partitions(clause)
                old = _listed_partitions(clause)
                if not names or names == old:
                    return Verdict.UNKNOWN
                return Verdict.DONE if names <= present and old - names <= frozenset(old - present) else Verdict.MISSING
            case ("DROP", "PARTITION", *_):
                names = _listed_partitions(clause)
                return Verdict.MISSING if names & present else Verdict.DONE
            case (word, "PARTITION", *_):
                return Verdict.REPEATABLE if word in _AGAIN else Verdict.UNKNOWN
            case _:
                return None


def _is_visible(clause: ClauseText) -> bool:
    """Whether the definition of a table shows all options of a clause."""
    return all(isinstance(action, OtherClause) and action.words[0] in _OPTIONS for action in clause.actions)


def _column_of(action: Action) -> ColumnText | None:
    match action:
        case AddColumn(_, column) | ChangeType(definition=ColumnText() as column):
            return column
        case _:
            return None


def _added(action: Action) -> Iterator[tuple[str, str]]:
    match action:
        case AddColumn(_, column):
            yield "column", column.name.lower()
        case CreateIndex(name=str() as name):
            yield "index", name.lower()
        case AddConstraint(_, constraint) if constraint.kind == "primary key":
            yield "primary key", "primary"
        case AddConstraint(_, constraint) if constraint.name is not None:
            yield "index" if constraint.kind == "unique" else constraint.kind, constraint.name.lower()


def _defined_partitions(clause: ClauseText) -> frozenset[str]:
    """Names of the partitions that are defined in parentheses."""
    at = clause.at.inner(clause.at.all())
    at.until("(")
    names = []
    for item in at.items(at.group()):
        if item.skip("PARTITION"):
            names.append(item.name().lower())
    return frozenset(names)


def _listed_partitions(clause: ClauseText) -> frozenset[str]:
    """Names of the partitions after the word PARTITION."""
    at = clause.at.inner(clause.at.all())
    at.find("PARTITION")
    at.skip("IF", "EXISTS")
    return frozenset(item.name().lower() for item in at.items(at.until("INTO")))
