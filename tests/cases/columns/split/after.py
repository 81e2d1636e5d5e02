from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("width", Integer),
    Column("height", Integer),
)
