"""The mapped classes and tables of a code base, as their source declares them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .modules import Defined, Modules, statements
from .subject import Key, same_table
from .syntax import annotated_class, keyword, last_name, snake, text_of

MARKERS = (b"__tablename__", b"__table__", b"table(", b"table=true", b"column(", b"relationship(", b"map_imperatively")
"""Markers, in lower case, of a file that declares models or tables."""

_COLUMNS = frozenset(("mapped_column", "Column", "deferred", "Field", "column_property"))
_NO_COLUMNS = frozenset(
    "synonym hybrid_property composite query_expression property classmethod MetaData getLogger".split()
)
"""Calls that make something else of a class's attribute; any other may be somebody's own word for a column."""
_RELATIONS = frozenset(("relationship", "dynamic_loader", "Relationship", "association_proxy", "relation"))
_ANCESTORS = 30


@dataclass(frozen=True, slots=True)
class Relation:
    """An attribute that leads to another class."""

    target: str
    many: bool


@dataclass(eq=False)
class MappedClass:
    """A class that declares columns or a table."""

    path: str
    node: ast.ClassDef
    catalogue: ModelCatalogue
    table: Key | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    """Attribute -> column."""
    places: dict[str, ast.stmt] = field(default_factory=dict)
    """Column -> where it is declared."""
    relations: dict[str, Relation] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.node.name

    @cached_property
    def lineage(self) -> list[MappedClass]:
        """The class and what it inherits from, nearest first."""
        classes: list[MappedClass] = []
        waiting = [self]
        while waiting and len(classes) < _ANCESTORS:
            cls = waiting.pop(0)
            if cls not in classes:
                classes.append(cls)
                waiting += filter(None, (self.catalogue.base(cls.path, node) for node in cls.node.bases))
        return classes

    @cached_property
    def tables(self) -> list[Key]:
        """The tables whose rows an instance is made of."""
        return list(dict.fromkeys(cls.table for cls in self.lineage if cls.table))

    def columns(self, attribute: str) -> list[tuple[Key, str]]:
        """The columns that an attribute of the class may be; none where it is something else.

        An attribute that nothing declares is taken for the column of its name: the models may already be those of after
        the migration.
        """
        for cls in self.lineage:
            if attribute in cls.attributes:
                return [(table, cls.attributes[attribute]) for table in ([cls.table] if cls.table else self.tables[:1])]
            if attribute in cls.others or attribute in cls.relations:
                return []
        if (self.name, attribute) in self.catalogue.backrefs:
            return []
        return [(table, attribute) for table in self.tables]

    def relation(self, attribute: str) -> tuple[MappedClass, bool] | None:
        """Target of a relationship of the class, and whether it leads to many."""
        for cls in self.lineage:
            relation = cls.relations.get(attribute) or self.catalogue.backrefs.get((cls.name, attribute))
            if relation is not None:
                target = self.catalogue.named(relation.target, self.path)
                return None if target is None else (target, relation.many)
        return None


class ModelCatalogue:
    """Catalogue of the models and tables that modules declare: ``add`` the files with a marker, then look up."""

    def __init__(self, modules: Modules, default_schema: str | None = None) -> None:
        self.modules, self.default_schema = modules, default_schema
        self.classes: dict[tuple[str, str], MappedClass] = {}
        self.backrefs: dict[tuple[str, str], Relation] = {}
        """Class and attribute that a ``backref`` makes there -> where it leads."""

    def add(self, path: str, tree: ast.Module) -> None:
        """Read the classes of a file."""
        self.modules.add(path, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                mapped = self._declared(path, node)
                if mapped.table or mapped.relations or any(map(_is_column, mapped.places.values())):
                    self.classes[path, node.name] = mapped
        for statement in statements(tree.body):
            match statement:
                case ast.Expr(value=ast.Call(func=func, args=[ast.Name(id=name), table, *_])) if last_name(func) in (
                    "map_imperatively",
                    "mapper",
                ):
                    where, key = self.modules.resolve(path, name), self.table_of(path, table)
                    if where and key and isinstance(where[1], ast.ClassDef):
                        self.classes[where[0], name] = MappedClass(where[0], where[1], self, key)

    def _declared(self, path: str, node: ast.ClassDef) -> MappedClass:
        mapped = MappedClass(path, node, self)
        schema: str | None = None
        for statement in statements(node.body):
            match statement:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    mapped.others.add(name)
                case ast.Assign(targets=[ast.Name(id="__tablename__")], value=value) if text_of(value):
                    mapped.table = (None, text_of(value) or "")
                case ast.Assign(targets=[ast.Name(id="__table__")], value=value):
                    mapped.table = self.table_of(path, value)
                case ast.Assign(targets=[ast.Name(id="__table_args__")], value=value):
                    schema = _schema(value)
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    self._attribute(mapped, name, statement)
        if mapped.table is None:
            mapped.table = _implied(node)
        if mapped.table is not None and schema is not None:
            mapped.table = self._key(schema, mapped.table[1])
        return mapped

    def _attribute(self, mapped: MappedClass, name: str, statement: ast.Assign | ast.AnnAssign) -> None:
        annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
        match statement.value:
            case ast.Call() as call if last_name(call.func) in _RELATIONS:
                self._relation(mapped, name, call, annotation)
            case ast.Call() as call if last_name(call.func) not in _NO_COLUMNS:
                column = mapped.attributes[name] = _column_name(call) or name
                mapped.places[column] = statement
            case None if _is_mapped(annotation):
                mapped.attributes[name] = name
                mapped.places[name] = statement
            case _:
                mapped.others.add(name)

    def _relation(self, mapped: MappedClass, name: str, call: ast.Call, annotation: ast.expr | None) -> None:
        target = (text_of(call.args[0]) or last_name(call.args[0])) if call.args else ""
        implied, many = annotated_class(annotation)
        if annotation is None:
            many = name.endswith("s") and keyword(call, "uselist") is None
        relation = Relation((target or last_name(implied)).rpartition(".")[2], many)
        mapped.relations[name] = relation
        back = keyword(call, "backref")
        back_name = text_of(back.args[0] if isinstance(back, ast.Call) and back.args else back)
        if back_name:
            self.backrefs[relation.target, back_name] = Relation(mapped.name, not many)

    def _key(self, schema: str | None, name: str) -> Key:
        return (None if schema == self.default_schema else schema), name

    # -- questions

    def table_of(self, path: str, node: ast.expr) -> Key | None:
        """The table that an expression is: ``Table("users", metadata, ...)`` or a name for one."""
        match node:
            case ast.Call(func=func, args=[first, *_]) if last_name(func) == "Table" and text_of(first):
                return self._key(text_of(keyword(node, "schema")), text_of(first) or "")
            case ast.Name(id=name):
                where = self.modules.resolve(path, name)
                if where is not None and isinstance(where[1], ast.Call):
                    return self.table_of(where[0], where[1])
        return None

    def tables(self) -> Iterator[tuple[str, Key]]:
        """The names of modules that are bound to tables."""
        for module in self.modules.all():
            for name, node in module.names.items():
                if isinstance(node, ast.Call) and (key := self.table_of(module.path, node)) is not None:
                    yield name, key

    def mapped_to(self, table: Key) -> Iterator[MappedClass]:
        """The classes whose instances are made of rows of a table."""
        for cls in list(self.classes.values()):
            if any(same_table(key, table) for key in cls.tables):
                yield cls

    def mapped(self, path: str, node: Defined | None) -> MappedClass | None:
        """The declaration of a class, or of one that only inherits from declared ones."""
        if not isinstance(node, ast.ClassDef):
            return None
        mapped_class = self.classes.get((path, node.name))
        if mapped_class is None and any(self.base(path, base) for base in node.bases):
            mapped_class = self.classes[path, node.name] = MappedClass(path, node, self)
            mapped_class.others.update(
                method.name for method in node.body if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
            )
        return mapped_class

    def base(self, path: str, node: ast.expr) -> MappedClass | None:
        """The mapped class that an expression among the bases of a class is."""
        where = self.modules.resolve(path, node.id) if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.modules.resolve(path, node.value.id)
            where = self.modules.resolve(module[0], node.attr) if module and module[1] is None else None
        return self.mapped(*where) if where else None

    def named(self, name: str, near: str) -> MappedClass | None:
        """The class that a string such as ``"User"`` means, as SQLAlchemy's registry resolves it."""
        candidates = [cls for (_, class_name), cls in self.classes.items() if class_name == name]
        return next((cls for cls in candidates if cls.path == near), candidates[0] if len(candidates) == 1 else None)


def _column_name(call: ast.Call) -> str | None:
    for node in (*call.args[:1], keyword(call, "sa_column")):
        if isinstance(node, ast.Call) and last_name(node.func) in _COLUMNS:
            return _column_name(node)
    return (text_of(call.args[0]) if call.args else None) or text_of(keyword(call, "name"))


def _schema(value: ast.expr) -> str | None:
    for node in value.elts if isinstance(value, ast.Tuple) else [value]:
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if text_of(key) == "schema":
                    return text_of(item)
    return None


def _implied(node: ast.ClassDef) -> Key | None:
    """The table of a class that does not name it: SQLModel's and Flask-SQLAlchemy's rules."""
    if any(word.arg == "table" and isinstance(word.value, ast.Constant) and word.value.value for word in node.keywords):
        return None, node.name.lower()
    if any(isinstance(base, ast.Attribute) and base.attr == "Model" for base in node.bases):
        return None, snake(node.name)
    return None


def _is_mapped(annotation: ast.expr | None) -> bool:
    return last_name(annotation.value if isinstance(annotation, ast.Subscript) else annotation) == "Mapped"


def _is_column(place: ast.stmt) -> bool:
    """Whether an attribute is declared as a column, for classes without a table."""
    call = place.value if isinstance(place, ast.Assign | ast.AnnAssign) else None
    if isinstance(call, ast.Call):
        return last_name(call.func) in _COLUMNS - {"Field"}
    return isinstance(place, ast.AnnAssign) and _is_mapped(place.annotation)
