from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False),
    Column("street", String(40)),
    Column("city", String(20)),
)
