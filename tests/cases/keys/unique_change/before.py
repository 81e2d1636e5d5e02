from sqlalchemy import Column, Index, Integer, MetaData, Table, UniqueConstraint

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer),
    Column("b", Integer),
    UniqueConstraint("a", name="uq_t"),
    UniqueConstraint("b", name="uq_b"),
    Index("ux_t", "b", unique=True),
)
