"""Declarations for models: objects and clauses that SQLAlchemy has no construct for.

from dbwarden.objects import Function, Trigger, View
"""

from __future__ import annotations

from .models.foreign import DeclaredForeignServer as ForeignServer
from .models.foreign import ForeignTable as ForeignTable
from .models.foreign import foreign_options as foreign_options
from .models.objects import MAXVALUE as MAXVALUE
from .models.objects import MINVALUE as MINVALUE
from .models.objects import Aggregate as Aggregate
from .models.objects import Assumption as Assumption
from .models.objects import DeclaredCollation as Collation
from .models.objects import DeclaredCompositeType as CompositeType
from .models.objects import DeclaredDomain as Domain
from .models.objects import DeclaredEnum as Enum
from .models.objects import DeclaredEvent as Event
from .models.objects import DeclaredExtension as Extension
from .models.objects import DeclaredPartition as Partition
from .models.objects import DeclaredRule as Rule
from .models.objects import DeclaredSchema as Schema
from .models.objects import DeclaredSequence as Sequence
from .models.objects import DeclaredView as View
from .models.objects import Dictionary as Dictionary
from .models.objects import EventTrigger as EventTrigger
from .models.objects import Function as Function
from .models.objects import KeysElsewhere as KeysElsewhere
from .models.objects import MaterializedView as MaterializedView
from .models.objects import NamedCollection as NamedCollection
from .models.objects import Procedure as Procedure
from .models.objects import RangeType as RangeType
from .models.objects import SkippingIndex as SkippingIndex
from .models.objects import Statistics as Statistics
from .models.objects import TableClauses as TableClauses
from .models.objects import TableProjection as TableProjection
from .models.objects import TextSearchConfiguration as TextSearchConfiguration
from .models.objects import TextSearchDictionary as TextSearchDictionary
from .models.objects import Trigger as Trigger
from .models.objects import column_clauses as column_clauses
from .models.replication import DeclaredPublication as Publication
from .models.replication import PublishedSchema as PublishedSchema
from .models.replication import PublishedTable as PublishedTable
from .models.rights import DeclaredGrant as Grant
from .models.rights import DeclaredPolicy as Policy
from .models.rights import DefaultPrivileges as DefaultPrivileges
from .models.rights import Membership as Membership
from .models.rights import Role as Role
from .models.rights import RowLevelSecurity as RowLevelSecurity

__all__ = [
    "MAXVALUE",
    "MINVALUE",
    "Aggregate",
    "Assumption",
    "Collation",
    "CompositeType",
    "DefaultPrivileges",
    "Dictionary",
    "Domain",
    "Enum",
    "Event",
    "EventTrigger",
    "Extension",
    "ForeignServer",
    "ForeignTable",
    "Function",
    "Grant",
    "KeysElsewhere",
    "MaterializedView",
    "Membership",
    "NamedCollection",
    "Partition",
    "Policy",
    "Procedure",
    "Publication",
    "PublishedSchema",
    "PublishedTable",
    "RangeType",
    "Role",
    "RowLevelSecurity",
    "Rule",
    "Schema",
    "Sequence",
    "SkippingIndex",
    "Statistics",
    "TableClauses",
    "TableProjection",
    "TextSearchConfiguration",
    "TextSearchDictionary",
    "Trigger",
    "View",
    "column_clauses",
    "foreign_options",
]
