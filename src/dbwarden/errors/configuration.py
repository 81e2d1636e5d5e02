"""Errors of the configuration, and of databases and drivers that it names."""

from __future__ import annotations

from .base import ConfigurationError


class NoConfiguration(ConfigurationError):
    """No configuration found. Looked for {names} in {places}"""

    names: str
    places: str

    hint = "Run `dbwarden init` to create a warden.py, or name a configuration with --config."


class MissingConfiguration(ConfigurationError):
    """{origin} names the configuration {name}, {reason}"""

    origin: str
    name: str
    reason: str


class TwoConfigurations(ConfigurationError):
    """Two configurations in one folder: {first} and {second} in {folder}"""

    first: str
    second: str
    folder: str
    advice: str

    hint = "Keep one of them{advice}."


class UnreadableConfiguration(ConfigurationError):
    """{file}:{line}:{column}: {reason}"""

    file: str
    line: int
    column: int
    reason: str


class FailedConfiguration(ConfigurationError):
    """{file}:{line}: {exception}: {text}{excerpt}"""

    file: str
    line: int
    exception: str
    text: str
    excerpt: str


class MissingVariable(ConfigurationError):
    """{source}: {key} needs the environment variable {variable}, which is not set"""

    source: str
    key: str
    variable: str


class UnknownSetting(ConfigurationError):
    """{source}: unknown setting '{key}'{owner}{nearest}"""

    source: str
    key: str
    owner: str
    nearest: str
    known: str

    hint = "Known settings: {known}."


class InvalidSetting(ConfigurationError):
    """{source}: {key}{owner} {reason}"""

    source: str
    key: str
    owner: str
    reason: str


class InvalidName(ConfigurationError):
    """{source}: invalid database name '{name}': it must start with a letter and contain only letters, digits and underscores"""

    source: str
    name: str


class InvalidUrl(ConfigurationError):
    """{where}: {reason}: {url}"""

    where: str
    reason: str
    url: str


class TypeMismatch(ConfigurationError):
    """{source}: {type_key} is {type}, but {url_key} is a URL for {engine}: {url}"""

    source: str
    type_key: str
    type: str
    url_key: str
    engine: str
    url: str


class ServerMismatch(ConfigurationError):
    """The server is {product}, but database_type is {type}"""

    product: str
    type: str
    server_type: str

    hint = 'Write database_type="{server_type}", or connect to the server that the models are meant for.'


class DuplicateDatabase(ConfigurationError):
    """{source}: the database '{name}' is declared twice, first at {first}"""

    source: str
    name: str
    first: str


class DuplicateTarget(ConfigurationError):
    """{source}: {first} and {second} point at the same database: {first_url} and {second_url}"""

    source: str
    first: str
    second: str
    first_url: str
    second_url: str

    hint = "Each of them needs a database of its own."


class TwoDefaults(ConfigurationError):
    """{source}: '{first}' and '{second}' both set default=True; only one database can be the default"""

    source: str
    first: str
    second: str


class NoDefault(ConfigurationError):
    """{source} has several databases and none sets default=True: {names}"""

    source: str
    names: str

    hint = "Name one with -d, all with --all, or set default=True for one of them."


class NoDatabase(ConfigurationError):
    """{source} declares no database"""

    source: str

    hint = (
        "Call database_config(...) in it (in TOML: a table [databases.primary]), or run `dbwarden init` in an empty folder"
        " to see an example."
    )


class UnknownDatabase(ConfigurationError):
    """There is no database '{name}' in {source} (configured: {names}){nearest}"""

    name: str
    source: str
    names: str
    nearest: str


class UnknownCluster(ConfigurationError):
    """The server has no cluster '{name}'{macro} (its clusters: {names}){nearest}"""

    name: str
    macro: str
    names: str
    nearest: str

    hint = "Set `cluster` in the configuration to one of them, or remove the setting: then statements run on this server alone."


class NoCluster(ConfigurationError):
    """The database '{name}' has no cluster whose servers could be migrated one by one"""

    name: str

    hint = "Set `cluster` in the configuration to the name of its cluster."


class UnknownNode(ConfigurationError):
    """The cluster of the database '{name}' has no server '{node}' (its servers: {names}){nearest}"""

    node: str
    name: str
    names: str
    nearest: str

    hint = "`dbwarden status --per-node` shows all of them."


class OverlappingModels(ConfigurationError):
    """{source}: '{first}' and '{second}' read the same models: model_paths {mine} and {theirs} overlap"""

    source: str
    first: str
    second: str
    mine: str
    theirs: str

    hint = "Give each database its own model_paths, split the tables with model_tables in both, or set overlap_models=True."


class TableClaimedTwice(ConfigurationError):
    """{source}: table '{table}' is in the model_tables of '{first}' and of '{second}'"""

    source: str
    table: str
    first: str
    second: str

    hint = "A table belongs to one database; set overlap_models=True if it really is in both."


class NoDevDatabase(ConfigurationError):
    """{source}: database '{name}' has no dev_database_url, which --dev needs"""

    source: str
    name: str


class DatabaseInMemory(ConfigurationError):
    """{source}: database '{name}' is in memory ({url}), and would be gone when the command ends"""

    source: str
    name: str
    url: str

    hint = "Name a file: sqlite:///name.db, or with its full path sqlite:////folder/name.db."


class MissingPackage(ConfigurationError):
    """{purpose} needs the package {package}, which is not installed"""

    purpose: str
    package: str
    extra: str

    hint = "Install it: pip install 'dbwarden[{extra}]'"


class MissingDriver(ConfigurationError):
    """No {kind}driver for {engine} is installed (looked for {wanted})"""

    kind: str
    engine: str
    wanted: str
    install: str

    hint = "Install it: {install}"
