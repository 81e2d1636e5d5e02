"""The mapped classes and tables of a code base, as their source declares them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .modules import Defined, Module, Modules, statements
from .subject import Key

MARKERS = (b"__tablename__", b"__table__", b"table(", b"table=true", b"column(", b"relationship(", b"map_imperatively")
"""Markers, in lower case, of a file that declares models or tables."""

_COLUMNS = frozenset(("mapped_column", "Column", "deferred", "Field", "column_property"))
_NO_COLUMNS = frozenset(
    "synonym hybrid_property composite query_expression property classmethod MetaData getLogger".split()
)
"""Calls that make something else of a class's attribute; any other may be somebody's own word for a column."""
_RELATIONS = frozenset(("relationship", "dynamic_loader", "Relationship", "association_proxy", "relation"))
MANY = frozenset(
    "list List Sequence set Set Iterable Iterator Collection tuple Tuple frozenset AsyncIterator AsyncIterable Generator"
    " AsyncGenerator ScalarResult WriteOnlyMapped DynamicMapped Query InstrumentedList deque".split()
)
"""Annotations of what gives items one by one."""


@dataclass(frozen=True, slots=True)
class Relation:
    """An attribute that leads to another class."""

    target: str
    many: bool


@dataclass(slots=True)
class MappedClass:
    """A class that declares columns or a table."""

    path: str
    node: ast.ClassDef
    table: Key | None = None
    columns: dict[str, str] = field(default_factory=dict)
    """Attribute -> column."""
    places: dict[str, ast.stmt] = field(default_factory=dict)
    """Column -> where it is declared."""
    relations: dict[str, Relation] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.node.name


def last_name(node: ast.expr | None) -> str:
    """``Column`` of ``sa.Column``; empty for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.expr | None) -> str | None:
    """The value of a string constant."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((word.value for word in call.keywords if word.arg == name), None)


def snake(name: str) -> str:
    """``OrderItem`` -> ``order_item``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class ModelCatalogue:
    """Catalogue of the models and tables that modules declare: ``add`` the files with a marker, then look up."""

    def __init__(self, modules: Modules, default_schema: str | None = None) -> None:
        self.modules, self.default_schema = modules, default_schema
        self.classes: dict[tuple[str, str], MappedClass] = {}
        self.backrefs: dict[tuple[str, str], Relation] = {}
        """Class and attribute that a ``backref`` makes there -> where it leads."""

    def add(self, path: str, tree: ast.Module) -> None:
        """Read the classes of a file."""
        self.modules.learn(path, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                mapped = self._read(path, node)
                if mapped.table or mapped.relations or any(map(_is_declared, mapped.places.values())):
                    self.classes[path, node.name] = mapped
        for statement in statements(tree.body):
            match statement:
                case ast.Expr(value=ast.Call(func=func, args=[ast.Name(id=name), table, *_])) if last_name(func) in (
                    "map_imperatively",
                    "mapper",
                ):
                    self._imperative(path, name, table)

    def _imperative(self, path: str, name: str, table: ast.expr) -> None:
        where = self.modules.resolve(path, name)
        key = self.table_of(path, table)
        if where and key and isinstance(where[1], ast.ClassDef):
            self.classes[where[0], name] = MappedClass(where[0], where[1], key)

    def _read(self, path: str, node: ast.ClassDef) -> MappedClass:
        mapped = MappedClass(path, node)
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
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._attribute(mapped, name, value, None, statement)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=optional):
                    self._attribute(mapped, name, optional, annotation, statement)
        if mapped.table is None:
            mapped.table = _implied(node)
        if mapped.table is not None and schema is not None:
            mapped.table = (None if schema == self.default_schema else schema, mapped.table[1])
        return mapped

    def _attribute(
        self, mapped: MappedClass, name: str, value: ast.expr | None, annotation: ast.expr | None, place: ast.stmt
    ) -> None:
        call = value if isinstance(value, ast.Call) else None
        kind = last_name(call.func) if call else ""
        if call and kind in _RELATIONS:
            target = text_of(call.args[0]) if call.args else None
            target = target or (last_name(call.args[0]) if call.args else "")
            implied, many = entity(annotation)
            if annotation is None:
                many = name.endswith("s") and keyword(call, "uselist") is None
            mapped.relations[name] = Relation((target or implied).rpartition(".")[2], many)
            back = keyword(call, "backref")
            back_name = text_of(back.args[0] if isinstance(back, ast.Call) and back.args else back)
            if back_name:
                self.backrefs[mapped.relations[name].target, back_name] = Relation(mapped.name, not many)
        elif (call and kind not in _NO_COLUMNS) or (value is None and last_name(_outer(annotation)) == "Mapped"):
            column = _column_name(call) if call else None
            mapped.columns[name] = column or name
            mapped.places[column or name] = place
        elif value is not None or annotation is not None:
            mapped.others.add(name)

    # -- questions

    def table_of(self, path: str, node: ast.expr) -> Key | None:
        """The table that an expression is: ``Table("users", metadata, ...)`` or a name for one."""
        match node:
            case ast.Call(func=func, args=[first, *_]) if last_name(func) == "Table" and text_of(first):
                schema = text_of(keyword(node, "schema"))
                return (None if schema == self.default_schema else schema), text_of(first) or ""
            case ast.Name(id=name):
                where = self.modules.resolve(path, name)
                if where is not None and isinstance(where[1], ast.Call):
                    return self.table_of(where[0], where[1])
        return None

    def tables_in(self, module: Module) -> Iterator[tuple[str, Key]]:
        """Names of a module that are bound to tables."""
        for name, node in module.names.items():
            if isinstance(node, ast.Call) and (key := self.table_of(module.path, node)) is not None:
                yield name, key

    def mapped(self, path: str, node: Defined | None) -> MappedClass | None:
        """The declaration of a class, or of one that only inherits from declared ones."""
        if not isinstance(node, ast.ClassDef):
            return None
        known = self.classes.get((path, node.name))
        if known is None and any(self._base(path, base) for base in node.bases):
            known = self.classes[path, node.name] = MappedClass(path, node)
            known.others.update(
                one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            )
        return known

    def named(self, name: str, near: str) -> MappedClass | None:
        """The class that a string such as ``"User"`` means, as SQLAlchemy's registry resolves it."""
        candidates = [one for (_, known), one in self.classes.items() if known == name]
        return next((one for one in candidates if one.path == near), candidates[0] if len(candidates) == 1 else None)

    def line(self, cls: MappedClass) -> list[MappedClass]:
        """The class and what it inherits from, nearest first."""
        classes: list[MappedClass] = []
        rest = [cls]
        while rest and len(classes) < 30:
            one = rest.pop(0)
            if one not in classes:
                classes.append(one)
                rest += [base for base in (self._base(one.path, node) for node in one.node.bases) if base]
        return classes

    def _base(self, path: str, node: ast.expr) -> MappedClass | None:
        where = self.modules.resolve(path, node.id) if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.modules.resolve(path, node.value.id)
            where = self.modules.resolve(module[0], node.attr) if module and module[1] is None else None
        return self.mapped(*where) if where else None

    def tables(self, cls: MappedClass) -> list[Key]:
        """The tables whose rows an instance is made of."""
        return list(dict.fromkeys(one.table for one in self.line(cls) if one.table))

    def columns(self, cls: MappedClass, attribute: str) -> Iterator[tuple[Key, str]]:
        """The columns that an attribute of the class may be; none where it is something else.

        An attribute that nothing declares is taken for the column of its name: the models may already be those of after
        the migration.
        """
        tables = self.tables(cls)
        for one in self.line(cls):
            if attribute in one.columns:
                if one.table:
                    yield one.table, one.columns[attribute]
                else:
                    yield from ((table, one.columns[attribute]) for table in tables[:1])
                return
            if attribute in one.others or attribute in one.relations:
                return
        if (cls.name, attribute) not in self.backrefs:
            yield from ((table, attribute) for table in tables)

    def relation(self, cls: MappedClass, attribute: str) -> Relation | None:
        """Target of a relationship of the class."""
        for one in self.line(cls):
            if attribute in one.relations:
                return one.relations[attribute]
            if (one.name, attribute) in self.backrefs:
                return self.backrefs[one.name, attribute]
        return None


def _column_name(call: ast.Call) -> str | None:
    inner = [*call.args[:1], keyword(call, "sa_column")]
    for node in inner:
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


def _outer(annotation: ast.expr | None) -> ast.expr | None:
    return annotation.value if isinstance(annotation, ast.Subscript) else annotation


def entity(annotation: ast.expr | None) -> tuple[str, bool]:
    """The class that an annotation such as ``Mapped[list["Order"]]`` is about, and whether there are many."""
    node, many = about(annotation)
    return last_name(node), many


def about(annotation: ast.expr | None) -> tuple[ast.expr | None, bool]:
    """The name or attribute that an annotation is about, and whether there are many of it."""
    many = False
    while annotation is not None:
        text = text_of(annotation)
        if text is not None:
            try:
                annotation = ast.parse(text, mode="eval").body
            except SyntaxError:
                return None, many
        elif isinstance(annotation, ast.Subscript):
            many = many or last_name(annotation.value) in MANY
            inner = annotation.slice
            annotation = _argument(inner.elts) if isinstance(inner, ast.Tuple) and inner.elts else inner
        elif isinstance(annotation, ast.BinOp):
            left = annotation.left
            annotation = annotation.right if isinstance(left, ast.Constant) and left.value is None else left
        else:
            return annotation, many
    return None, many


def _argument(nodes: list[ast.expr]) -> ast.expr:
    """The argument that matters in ``tuple[User, ...]``, ``Annotated[User, ...]`` and ``dict[str, User]``."""
    return nodes[1] if last_name(nodes[0]) in ("str", "int", "UUID") and len(nodes) > 1 else nodes[0]


def _is_declared(place: ast.stmt) -> bool:
    """Whether an attribute is declared as a column, for classes without a table."""
    call = place.value if isinstance(place, ast.Assign | ast.AnnAssign) else None
    if isinstance(call, ast.Call):
        return last_name(call.func) in _COLUMNS - {"Field"}
    return isinstance(place, ast.AnnAssign) and last_name(_outer(place.annotation)) == "Mapped"
