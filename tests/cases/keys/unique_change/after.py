from sqlalchemy import Column, Index, Integer, MetaData, Table, UniqueConstraint

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer),
    Column("b", Integer),
    Column("c", Integer),
    UniqueConstraint("a", "b", name="uq_t"),
    UniqueConstraint("b", "c", name="uq_b"),
    Index("ux_t", "a", "b", unique=True),
)
