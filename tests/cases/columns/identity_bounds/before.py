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

s = Sequence("s", start=5, metadata=metadata)
t = Table(
    "t", metadata, Column("id", Integer, Identity(start=100, minvalue=100), primary_key=True), Column("a", Integer)
)
u = Table("u", metadata, Column("id", Integer, Identity(), primary_key=True), Column("a", Integer))
