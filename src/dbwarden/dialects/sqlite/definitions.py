"""DROP statements of SQLite's text-defined kinds. None of them can be replaced in place."""

from __future__ import annotations

from collections.abc import Mapping

DROPS: Mapping[str, str] = {
    "view": "DROP VIEW {name}",
    "trigger": "DROP TRIGGER {name}",
    "virtual_table": "DROP TABLE {name}",
}
