"""Finds, reads and validates the configuration of a project."""

from dbwarden.core.redaction import redacted, redacted_text

from .declare import DatabaseHandle, Declaration, Registry, database_config, declared, shown_path
from .load import Source, find, load
from .project import Project
from .settings import SETTINGS, Database, Setting, SettingValue
from .template import PASSWORD_VARIABLE, template, without_password

__all__ = [
    "PASSWORD_VARIABLE",
    "SETTINGS",
    "Database",
    "DatabaseHandle",
    "Declaration",
    "Project",
    "Registry",
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
    "without_password",
]
