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

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("e", Enum("x", "y", "z", name="e"), server_default="x"),
    Column("is_x", Integer, Computed("CASE WHEN e = 'x' THEN 1 ELSE 0 END", persisted=True)),
    Index("ix_same", "id", postgresql_where=text("e = 'x'")),
    Index("ix_changed", "id", postgresql_where=text("e = 'x'")),
    Index("ix_gone", "e"),
    CheckConstraint("e <> 'y' OR id > 0", name="ck_e"),
    UniqueConstraint("e", "id", name="uq_e"),
)
