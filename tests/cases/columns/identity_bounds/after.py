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

s = Sequence("s", start=200, minvalue=100, maxvalue=500, metadata=metadata)
t = Table("t", metadata, Column("id", Integer, Identity(start=5), primary_key=True), Column("a", Integer))
u = Table(
    "u", metadata, Column("id", Integer, Identity(start=-1, increment=-1), primary_key=True), Column("a", Integer)
)
