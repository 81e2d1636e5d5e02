from sqlalchemy import Column, ForeignKeyConstraint, Integer, MetaData, Table

metadata = MetaData()

p = Table("p", metadata, Column("a", Integer, primary_key=True), Column("b", Integer, primary_key=True))
c = Table(
    "c",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer),
    Column("b", Integer),
    ForeignKeyConstraint(["a", "b"], ["p.a", "p.b"], name="fk_c_p"),
)
