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

p = Table("p", metadata, Column("id", Integer, primary_key=True))
t = Table(
    "t", metadata, Column("id", Integer, primary_key=True), Column("p_id", Integer, ForeignKey("p.id", name="fk_old"))
)
