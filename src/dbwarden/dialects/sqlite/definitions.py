"""Text-defined kinds of SQLite and their DROP statements. SQLite replaces none in place."""

from __future__ import annotations

from collections.abc import Mapping

DROPS: Mapping[str, str] = {
    "view": "DROP VIEW {name}",
    "trigger": "DROP TRIGGER {name}",
    "virtual_table": "DROP TABLE {name}",
}
