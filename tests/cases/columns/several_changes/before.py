from sqlalchemy import Column, Integer, MetaData, String, Table, Text

metadata = MetaData()
NOTE = Text().with_variant(String(400), "mysql")  # where TEXT has no literal default
Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(20), server_default="0"),
    Column("label", String(20), nullable=False),
    Column("size", Integer),
    Column("note", NOTE, server_default="none"),
    Column("amount", Integer, server_default="1"),
    Column("obsolete", Integer),
)
Table("colours", metadata, Column("id", Integer, primary_key=True), Column("shade", Integer), Column("old", Integer))
