"""Errors of the user's models."""

from __future__ import annotations

from .base import ConfigurationError


class ModelPathError(ConfigurationError):
    """model_paths: {path!r} leads to no module: {reason}"""

    path: str
    reason: str

    hint = "Set model_paths to the modules, files or folders that contain the models; `dbwarden config` shows which file sets it."


class ModelImportError(ConfigurationError):
    """Cannot import {module}: {cause}

    at {file}:{line}: {source}"""

    module: str
    cause: str
    file: str
    line: int
    source: str


class NoModels(ConfigurationError):
    """model_paths: {path!r} has no model (imported: {modules})"""

    path: str
    modules: str

    hint = (
        "Models are mapped classes, Tables, a MetaData or a declarative base (which may be empty), defined in the module or"
        " imported into it."
    )


class UnknownModelTable(ConfigurationError):
    """model_tables: no model defines {tables}"""

    tables: str


class ModelConflict(ConfigurationError):
    """The models define {object} twice, differently: {first}; and {second}"""

    object: str
    first: str
    second: str

    hint = "Keep one of them, or split the models between databases with model_paths or model_tables."


class ModelReadError(ConfigurationError):
    """The models cannot be read: {where}: {reason}"""

    where: str
    reason: str


class ModelsExist(ConfigurationError):
    """{path} exists already; nothing was written"""

    path: str

    hint = "Write to another place with --output, or replace it with --force."


class NothingToGenerate(ConfigurationError):
    """Database {database} has no table to write a model of"""

    database: str

    hint = "`dbwarden check-db` shows what is in it; --tables, --exclude-tables, --schema and ignore_tables leave tables out."
