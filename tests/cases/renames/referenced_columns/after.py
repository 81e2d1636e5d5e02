from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Integer, MetaData, Table

metadata = MetaData()
Table(
    "orders",
    metadata,
    Column("land", Integer, primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("placed", DateTime),
)
Table(
    "lines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("country", Integer),
    Column("number", Integer),
    ForeignKeyConstraint(["country", "number"], ["orders.land", "orders.no"], name="fk_order"),
)
