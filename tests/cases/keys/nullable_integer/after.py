from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()
Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True, nullable=True),
    Column("text", Text),
)
Table(
    "tags",
    metadata,
    Column("id", Integer, primary_key=True, nullable=True),
    Column("word", Text),
)
