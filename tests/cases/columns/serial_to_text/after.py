from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

t = Table("t", metadata, Column("id", Text, primary_key=True), Column("a", Integer))
u = Table("u", metadata, Column("id", Text, primary_key=True), Column("a", Integer))
