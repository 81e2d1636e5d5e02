from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

grown = Table(
    "grown",
    metadata,
    Column("a", Integer, primary_key=True, unique=True),
    Column("b", Integer, unique=True),
    Column("c", Integer, unique=True),
)
plain = Table("plain", metadata, Column("id", String(36), primary_key=True, unique=True), Column("b", Integer))
named = Table(
    "named",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("b", Integer, unique=True),
    Column("c", Integer),
    UniqueConstraint("id", name="uq_id"),
    UniqueConstraint("b", name="uq_b"),
    UniqueConstraint("b", name="uq_b_too"),
    UniqueConstraint("c", "b", name="uq_cb"),
    UniqueConstraint("b", "c", name="uq_bc"),
)
