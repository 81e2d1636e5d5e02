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
    Column("e", Enum("x", "y", name="e"), server_default="x"),
    Column("is_x", Integer, Computed("CASE WHEN e = 'x' THEN 1 ELSE 0 END", persisted=True)),
    Index("ix_same", "id", postgresql_where=text("e = 'x'")),
    Index("ix_changed", "id", postgresql_where=text("e = 'y'")),
    Index("ix_made", "is_x", postgresql_where=text("e = 'x'")),
    CheckConstraint("e <> 'y' OR id > 1", name="ck_e"),
    Index("ux_e", "id", "e", unique=True),
)
