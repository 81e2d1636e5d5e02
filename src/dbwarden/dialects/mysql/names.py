"""Names of MySQL and MariaDB in texts of SQL."""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.types import NameRules

from .words import LEXICAL_RULES, RESERVED

NAMES = NameRules(LEXICAL_RULES, caseless=True, reserved=RESERVED)
TEXT_NAMES = replace(NAMES, bound=False)
"""Rules for the text of a view, trigger, routine or event."""
