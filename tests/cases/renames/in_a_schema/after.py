from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("actor", String(40), nullable=False),
    schema="audit",
)
