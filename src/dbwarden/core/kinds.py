"""The kinds of schema objects, one row each, in the order in which objects without dependencies are created."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """Properties of a kind of object on all engines."""

    name: str
    """Name as in ``Ref.kind``, in state files and in the header ``renames``."""
    words: str = ""
    """Name in messages; by default ``name`` with blanks."""
    container: str | None = None
    """The kind of its container, a table or enum; its name then belongs to that and not to the schema."""
    text_defined: bool = field(default=False, kw_only=True)
    """Whether it is a ``Definition``: stored as the text that creates it."""
    holds_data: bool = field(default=False, kw_only=True)
    """Whether replacing it under another name, instead of renaming it, would lose data."""
    renamable: bool = field(default=False, kw_only=True)
    """Whether the header ``renames`` may name it."""
    used_by_name: bool = field(default=False, kw_only=True)
    """Whether programs name it, so that a person decides about renames even if no data is at stake."""
    of_database: bool = field(default=False, kw_only=True)
    """Whether its name belongs to the database and not to a schema."""
    is_type: bool = field(default=False, kw_only=True)
    """Whether it can be the type of a column."""
    is_constraint: bool = field(default=False, kw_only=True)
    """Whether it is a constraint of a table."""
    is_relation: bool = field(default=False, kw_only=True)
    """Whether its name must differ from those of tables, views, indexes and sequences (PostgreSQL; others allow more)."""
    is_routine: bool = field(default=False, kw_only=True)
    """Whether its name includes the types of its arguments."""
    is_right: bool = field(default=False, kw_only=True)
    """Whether it is a set of privileges, a membership or an owner, which the server need not print to be compared."""
    readable: bool = field(default=False, kw_only=True)
    """Whether it can be queried like a table, so that a model may be mapped to it."""
    shown_by_columns: bool = field(default=False, kw_only=True)
    """Whether messages identify it by its columns rather than by its name."""
    ignored_by: str | None = field(default=None, kw_only=True)
    """The setting whose patterns hide objects of this kind."""

    @property
    def asked_about(self) -> bool:
        """Whether a person decides about renames."""
        return self.holds_data or self.used_by_name

    @property
    def title(self) -> str:
        """Name in messages: ``foreign key``, ``schema``."""
        return self.words or self.name.replace("_", " ")


KINDS: dict[str, ObjectKind] = {
    kind.name: kind
    for kind in (
        ObjectKind("role", text_defined=True, of_database=True, ignored_by="ignore_roles"),
        ObjectKind("extension", of_database=True, renamable=True, ignored_by="ignore_extensions"),
        ObjectKind(
            "namespace", "schema", of_database=True, renamable=True, used_by_name=True, ignored_by="ignore_schemas"
        ),
        ObjectKind("collation", text_defined=True, ignored_by="ignore_collations"),
        ObjectKind("enum", is_type=True, holds_data=True, renamable=True, ignored_by="ignore_enums"),
        ObjectKind("enum_value", container="enum", holds_data=True, renamable=True),
        ObjectKind("domain", is_type=True, renamable=True, ignored_by="ignore_domains"),
        ObjectKind(
            "range_type",
            text_defined=True, is_type=True, renamable=True, used_by_name=True, ignored_by="ignore_domains",
        ),
        ObjectKind("composite_type", is_type=True, is_relation=True, renamable=True, ignored_by="ignore_domains"),
        ObjectKind("sequence", is_relation=True, holds_data=True, renamable=True, ignored_by="ignore_sequences"),
        ObjectKind("foreign_server", text_defined=True, of_database=True, ignored_by="ignore_foreign_servers"),
        ObjectKind("named_collection", text_defined=True, of_database=True, ignored_by="ignore_named_collections"),
        ObjectKind(
            "function",
            text_defined=True, is_routine=True, renamable=True, used_by_name=True, ignored_by="ignore_functions",
        ),
        ObjectKind("text_search_dictionary", text_defined=True, ignored_by="ignore_text_search"),
        ObjectKind("text_search_configuration", text_defined=True, ignored_by="ignore_text_search"),
        ObjectKind("table", holds_data=True, is_relation=True, renamable=True, ignored_by="ignore_tables"),
        ObjectKind("partition", holds_data=True, is_relation=True, ignored_by="ignore_tables"),
        ObjectKind("foreign_table", is_relation=True, ignored_by="ignore_tables"),
        ObjectKind("column", container="table", holds_data=True, renamable=True),
        ObjectKind(
            "primary_key",
            container="table", is_constraint=True, is_relation=True, renamable=True, shown_by_columns=True,
        ),
        ObjectKind(
            "unique", container="table", is_constraint=True, is_relation=True, renamable=True, shown_by_columns=True,
            ignored_by="ignore_constraints",
        ),
        ObjectKind("check", container="table", is_constraint=True, renamable=True, ignored_by="ignore_constraints"),
        ObjectKind(
            "exclude", "exclusion constraint", "table", is_constraint=True, is_relation=True, renamable=True,
            ignored_by="ignore_constraints",
        ),
        ObjectKind("index", container="table", is_relation=True, renamable=True, ignored_by="ignore_indexes"),
        ObjectKind("projection", container="table", ignored_by="ignore_indexes"),
        ObjectKind(
            "foreign_key",
            container="table", is_constraint=True, renamable=True, shown_by_columns=True, ignored_by="ignore_constraints",
        ),
        ObjectKind(
            "view",
            text_defined=True, is_relation=True, readable=True, renamable=True, used_by_name=True,
            ignored_by="ignore_views",
        ),
        ObjectKind(
            "materialized_view",
            text_defined=True, is_relation=True, readable=True, renamable=True, used_by_name=True,
            ignored_by="ignore_views",
        ),
        ObjectKind(
            "dictionary",
            text_defined=True, is_relation=True, readable=True, renamable=True, used_by_name=True,
            ignored_by="ignore_views",
        ),
        ObjectKind("virtual_table", text_defined=True, is_relation=True, readable=True, ignored_by="ignore_tables"),
        ObjectKind("shadow_table", text_defined=True, is_relation=True, ignored_by="ignore_tables"),
        ObjectKind(
            "procedure",
            text_defined=True, is_routine=True, renamable=True, used_by_name=True, ignored_by="ignore_functions",
        ),
        ObjectKind(
            "aggregate",
            text_defined=True, is_routine=True, renamable=True, used_by_name=True, ignored_by="ignore_functions",
        ),
        ObjectKind("event", text_defined=True, ignored_by="ignore_events"),
        ObjectKind(
            "event_trigger", text_defined=True, of_database=True, renamable=True, ignored_by="ignore_triggers"
        ),
        ObjectKind("trigger", container="table", text_defined=True, renamable=True, ignored_by="ignore_triggers"),
        ObjectKind("rule", container="table", text_defined=True, renamable=True, ignored_by="ignore_triggers"),
        ObjectKind("policy", container="table", text_defined=True, renamable=True, ignored_by="ignore_policies"),
        ObjectKind("statistics", container="table", text_defined=True, renamable=True, ignored_by="ignore_statistics"),
        ObjectKind("publication", text_defined=True, of_database=True, ignored_by="ignore_publications"),
        ObjectKind("publication_table", container="table", text_defined=True, ignored_by="ignore_publications"),
        ObjectKind("publication_schema", text_defined=True, ignored_by="ignore_publications"),
        ObjectKind("security_label", container="table", text_defined=True, ignored_by="ignore_security_labels"),
        ObjectKind("membership", text_defined=True, of_database=True, is_right=True, ignored_by="ignore_grantees"),
        ObjectKind("owner", container="table", text_defined=True, is_right=True),
        ObjectKind("grant", "privileges", "table", text_defined=True, is_right=True, ignored_by="ignore_grantees"),
        ObjectKind("default_privileges", text_defined=True, of_database=True, is_right=True, ignored_by="ignore_grantees"),
    )
}  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(KINDS)}

CONSTRAINTS = frozenset(kind.name for kind in KINDS.values() if kind.is_constraint)
TYPES = frozenset(kind.name for kind in KINDS.values() if kind.is_type)
RELATIONS = frozenset(kind.name for kind in KINDS.values() if kind.is_relation)
READABLE = frozenset(kind.name for kind in KINDS.values() if kind.readable)
IGNORE_SETTINGS = tuple(sorted({kind.ignored_by for kind in KINDS.values() if kind.ignored_by}))
HOLDING_DATA = frozenset(kind.name for kind in KINDS.values() if kind.holds_data)


def of(name: str) -> ObjectKind:
    """The row of a kind; an empty one for kinds that a schema does not contain (``database``, ``type``)."""
    return KINDS.get(name) or _other(name)


@cache
def _other(name: str) -> ObjectKind:
    return ObjectKind(name)


def title(name: str) -> str:
    """Name of a kind in messages: ``foreign key``, ``schema``."""
    return of(name).title


def a(name: str) -> str:
    """Name of a kind with its article: ``an index``."""
    words = title(name)
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def rank(name: str) -> int:
    """Position of a kind in the order of creation."""
    return _RANK.get(name, len(_RANK))


def rank_in_table(name: str) -> tuple[bool, int]:
    """Position of a kind among the members of a table in CREATE TABLE: constraints before all others."""
    return (name not in CONSTRAINTS, rank(name))
