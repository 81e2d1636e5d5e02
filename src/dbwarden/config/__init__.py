"""A project's configuration: found, read, validated."""

from .declare import DatabaseHandle, database_config, declared, shown_path
from .load import Source, find, load
from .settings import SETTINGS, Database, Project, Setting, SettingValue
from .template import template
from .urls import redacted, redacted_text

__all__ = [
    "SETTINGS",
    "Database",
    "DatabaseHandle",
    "Project",
    "Setting",
    "SettingValue",
    "Source",
    "database_config",
    "declared",
    "find",
    "load",
    "redacted",
    "redacted_text",
    "shown_path",
    "template",
]
