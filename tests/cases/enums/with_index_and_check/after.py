from sqlalchemy import Column, Enum, Index, Integer, MetaData, Table, text

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("s", Enum("a", "b", name="abc")),
    Column("n", Integer),
)
Index("ix_s", t.c.n, postgresql_where=text("s = 'a'"))
