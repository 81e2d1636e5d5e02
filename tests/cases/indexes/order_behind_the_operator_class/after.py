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
    Column("c", Text),
    Index("ix_a", "c", postgresql_ops={"c": "DESC"}),
    Index("ix_b", "c", postgresql_ops={"c": "text_pattern_ops DESC NULLS LAST"}),
    Index("ix_c", "c", "id", postgresql_ops={"c": "NULLS FIRST", "id": "int4_ops"}),
)
