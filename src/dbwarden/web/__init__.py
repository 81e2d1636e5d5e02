"""For web applications: start only on a schema that is up to date, and say in a health check what the schema is.

Works with FastAPI, Starlette, Litestar (``lifespan``) and Flask (``require_up_to_date``); imports none of them.
"""

from __future__ import annotations

from .gate import lifespan as lifespan
from .gate import migrate_on_startup as migrate_on_startup
from .gate import require_up_to_date as require_up_to_date
from .health import DatabaseHealth as DatabaseHealth
from .health import SchemaHealth as SchemaHealth
from .health import SchemaHealthCheck as SchemaHealthCheck

__all__ = [
    "DatabaseHealth",
    "SchemaHealth",
    "SchemaHealthCheck",
    "lifespan",
    "migrate_on_startup",
    "require_up_to_date",
]
