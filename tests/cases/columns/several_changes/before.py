from sqlalchemy import Column, Integer, MetaData, String, Table, Text

metadata = MetaData()
Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(20), server_default="0"),
    Column("label", String(20), nullable=False),
    Column("size", Integer),
    Column("note", Text, server_default="none"),
    Column("amount", Integer, server_default="1"),
    Column("obsolete", Integer),
)
Table("colours", metadata, Column("id", Integer, primary_key=True), Column("shade", Integer), Column("old", Integer))
