from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", String(40)),
)
