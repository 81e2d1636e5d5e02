"""Declarations for models: objects and clauses that SQLAlchemy has no construct for.

from dbwarden.objects import SkippingIndex, TableClauses, View, column_clauses
"""

from __future__ import annotations

from .models.objects import Assumption as Assumption
from .models.objects import Dictionary as Dictionary
from .models.objects import KeysElsewhere as KeysElsewhere
from .models.objects import MaterializedView as MaterializedView
from .models.objects import NamedCollection as NamedCollection
from .models.objects import PlainView as View
from .models.objects import SkippingIndex as SkippingIndex
from .models.objects import SQLFunction as SQLFunction
from .models.objects import TableClauses as TableClauses
from .models.objects import TableProjection as TableProjection
from .models.objects import column_clauses as column_clauses

__all__ = [
    "Assumption",
    "Dictionary",
    "KeysElsewhere",
    "MaterializedView",
    "NamedCollection",
    "SQLFunction",
    "SkippingIndex",
    "TableClauses",
    "TableProjection",
    "View",
    "column_clauses",
]
