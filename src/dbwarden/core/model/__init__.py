"""Objects of a database schema, all frozen, and the immutable ``Schema`` that maps ``Ref`` to object.

Objects that *hold data* can be altered (table, column, enum, domain, sequence, namespace, extension). *Derived* objects
(keys, constraints, indexes, definitions) are only dropped and added. SQL expressions are stored as text. Canonical objects
are compared by ``==``.
"""

from __future__ import annotations

from .base import NOTHING as NOTHING
from .base import Object as Object
from .base import column_ref as column_ref
from .base import key_of as key_of
from .base import ref_after as ref_after
from .definition import Definition as Definition
from .definition import dependent_kind as dependent_kind
from .members import Check as Check
from .members import Exclude as Exclude
from .members import ForeignKey as ForeignKey
from .members import Index as Index
from .members import IndexElement as IndexElement
from .members import Member as Member
from .members import PrimaryKey as PrimaryKey
from .members import Projection as Projection
from .members import Unique as Unique
from .schema import Schema as Schema
from .standalone import Attribute as Attribute
from .standalone import CompositeType as CompositeType
from .standalone import Domain as Domain
from .standalone import Enum as Enum
from .standalone import Extension as Extension
from .standalone import Namespace as Namespace
from .standalone import Sequence as Sequence
from .table import Column as Column
from .table import Computed as Computed
from .table import Identity as Identity
from .table import Partition as Partition
from .table import Table as Table
