from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True, nullable=True),
    Column("text", String(20)),
)
