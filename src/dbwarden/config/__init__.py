"""Finds, reads and validates the configuration of a project."""

from dbwarden.core.redaction import redacted, redacted_text

from .declare import DatabaseHandle, database_config, declared, shown_path
from .load import Source, find, load
from .project import Project
from .settings import SETTINGS, Database, Setting, SettingValue
from .template import template

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
