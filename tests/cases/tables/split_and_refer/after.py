from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False),
    Column("address_id", ForeignKey("addresses.id"), nullable=False),
)
Table(
    "addresses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("street", String(40), nullable=False),
    Column("city", String(20)),
)
