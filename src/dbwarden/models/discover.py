"""Imports the user's modules, once, and collects the MetaData in them.

A long-running process may discover several projects with modules of the same name. The modules of another project are then
removed from ``sys.modules`` during the import and restored afterwards. Discovering a project again reuses its modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import Mapper, registry

from dbwarden.core.suggestions import nearest
from dbwarden.errors import ModelConflict, NoModels, UnknownModelTable

from . import other_libraries
from .importing import project
from .locate import locate

_HOLDERS = (MetaData, Table, registry)


@dataclass(frozen=True, slots=True)
class Discovered:
    """Models of one database."""

    modules: tuple[str, ...]
    """Names of the imported modules of ``model_paths``, in order."""
    metadatas: tuple[MetaData, ...]
    """Each distinct MetaData, in order of discovery; at last one with the views and routines that other libraries declare."""
    tables: tuple[Table, ...]
    """The tables in all of them, restricted to ``model_tables``, in order of definition."""
    registries: tuple[registry, ...] = ()
    """Each distinct registry of mapped classes, in order of discovery."""
    reflected: tuple[Table, ...] = ()
    """Tables whose columns a class reads from the database at run time (``DeferredReflection``)."""


def discover(model_paths: Sequence[str], root: Path, *, model_tables: Sequence[str] | None = None) -> Discovered:
    """Import ``model_paths`` (module names, files or folders relative to ``root``) and collect their models.

    Packages are imported with all their modules. All tables of a MetaData count, including those of indirectly imported
    modules. Does not call ``configure_mappers``. A mistake is never taken for "no tables": it raises ``ModelPathError``,
    ``ModelImportError``, ``NoModels``, ``UnknownModelTable`` or ``ModelConflict``.
    """
    imported: dict[str, ModuleType] = {}
    origins: dict[int, tuple[MetaData, str]] = {}
    registries: dict[int, registry] = {}
    with project(root) as importer:
        # All are imported before any is examined: a base may be listed before the modules that add tables to it.
        located = {path: locate(path, root, importer) for path in model_paths}
        for path, modules in located.items():
            imported.update(modules)
            sources = _sources(path, modules)
            for name, module in sources.items():
                for metadata in _metadata_in(module):
                    origins.setdefault(id(metadata), (metadata, name))
                registries.update((id(mapper_registry), mapper_registry) for mapper_registry in _registries_in(module))
    tables = _unique_tables(origins.values())
    metadatas = tuple(metadata for metadata, _ in origins.values())
    others = other_libraries.declarations(imported.values(), metadatas)
    metadatas = (*metadatas, others) if others is not None else metadatas
    selected = tuple(_select_tables(tables, model_tables))
    deferred = {id(table) for table in _deferred_tables(DeferredReflection)}
    reflected = tuple(table for table in selected if id(table) in deferred)
    return Discovered(tuple(imported), metadatas, selected, tuple(registries.values()), reflected)


def _deferred_tables(base: type[Any]) -> Iterator[Table]:
    """The tables of the subclasses of ``base`` that are not prepared yet."""
    for cls in base.__subclasses__():
        table = vars(cls).get("__table__")
        if isinstance(table, Table) and "__mapper__" not in vars(cls):
            yield table
        yield from _deferred_tables(cls)


def _sources(path: str, modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
    """The modules that contain MetaData: the given ones, or those that they import to collect models.

    An empty MetaData counts only in the module that defines it: otherwise every module that imports the base would match.
    """
    if any(metadata.tables for metadata in _metadatas_in(modules)):
        return modules
    gathered = _module_attributes(modules)
    if any(metadata.tables for metadata in _metadatas_in(gathered)):
        return {**modules, **gathered}
    if not any(True for _ in _metadatas_in(modules)) and not any(other_libraries.entities(modules.values())):
        raise NoModels(path=path, modules=", ".join(modules))
    return modules


def _metadatas_in(modules: dict[str, ModuleType]) -> Iterator[MetaData]:
    return (metadata for module in modules.values() for metadata in _metadata_in(module))


def _module_attributes(modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
    """The modules that are attributes of ``modules``."""
    values = (value for module in modules.values() for value in list(vars(module).values()))
    return {value.__name__: value for value in values if issubclass(type(value), ModuleType)}


def _metadata_in(module: ModuleType) -> Iterator[MetaData]:
    # type() and not isinstance(): proxies (werkzeug's) answer isinstance() by looking for a current request.
    for value in list(vars(module).values()):
        kind = type(value)
        if issubclass(kind, type):
            metadata = _metadata_of(value)
        elif issubclass(kind, _HOLDERS):
            metadata = value if issubclass(kind, MetaData) else value.metadata
        else:
            continue
        if isinstance(metadata, MetaData):
            yield metadata


def _metadata_of(cls: Any) -> Any:
    """The MetaData of a declarative base or a mapped class, found without running code of the class."""
    for base in cls.__mro__:
        namespace = vars(base)
        if "metadata" in namespace:
            return namespace["metadata"]
        if "__mapper__" in namespace:  # mapped imperatively
            return getattr(namespace["__mapper__"].local_table, "metadata", None)
    return None


def _registries_in(module: ModuleType) -> Iterator[registry]:
    for value in list(vars(module).values()):
        if issubclass(type(value), registry):
            yield value
        elif issubclass(type(value), type):
            attributes = (vars(base).get(name) for base in value.__mro__ for name in ("registry", "__mapper__"))
            registries = (
                getattr(attribute, "registry", None) if isinstance(attribute, Mapper) else attribute
                for attribute in attributes
            )
            yield from (candidate for candidate in registries if isinstance(candidate, registry))


def _unique_tables(origins: Iterable[tuple[MetaData, str]]) -> list[Table]:
    """All tables, each once if several MetaData define it alike."""
    by_key: dict[str, tuple[Table, str]] = {}
    for metadata, origin in origins:
        for key, table in metadata.tables.items():
            if key not in by_key:
                by_key[key] = (table, origin)
            elif _shape(by_key[key][0]) != _shape(table):
                first, elsewhere = by_key[key]
                raise ModelConflict(
                    object=f"table {key}",
                    first=f"({_columns(first)}) in the MetaData of {elsewhere}",
                    second=f"({_columns(table)}) in the MetaData of {origin}",
                )
    return [table for table, _ in by_key.values()]


def _shape(table: Table) -> list[tuple[Any, ...]]:
    """Main properties of a table, to compare two definitions; ``read`` compares the others."""
    return [
        (item.name, type(item.type).__name__, getattr(item.type, "length", None), item.nullable, item.primary_key)
        for item in table.columns
    ]


def _columns(table: Table) -> str:
    return ", ".join(f"{column.name} {type(column.type).__name__}" for column in table.columns)


def _select_tables(tables: list[Table], names: Sequence[str] | None) -> list[Table]:
    if names is None:
        return tables
    table_names = {table.fullname for table in tables}
    unknown = [name for name in dict.fromkeys(names) if name not in table_names]
    if unknown:
        suggestions = dict.fromkeys(match for name in unknown for match in _similar_names(name, table_names))
        hint = (
            f"Nearest: {', '.join(suggestions)}."
            if suggestions
            else f"Defined: {', '.join(sorted(table_names)) or 'none'}."
        )
        raise UnknownModelTable(tables=", ".join(repr(name) for name in unknown), hint=hint)
    wanted = set(names)
    return [table for table in tables if table.fullname in wanted]


def _similar_names(name: str, table_names: Iterable[str]) -> list[str]:
    """Names with a similar spelling, or of another schema."""
    names = sorted(table_names)
    bare = [other for other in names if other.rpartition(".")[2] == name.rpartition(".")[2]]
    return bare or nearest(name, names)
