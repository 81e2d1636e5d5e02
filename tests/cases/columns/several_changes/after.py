from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()
NOTE = Text().with_variant(String(400), "mysql")  # where TEXT has no literal default
Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(40), server_default="00"),
    Column("label", Text),
    Column("size", BigInteger, nullable=False),
    Column("note", NOTE),
    Column("amount", Integer, server_default="2"),
    Column("added", String(10), nullable=False, server_default="x"),
)
Table(
    "colours",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shade", Integer, nullable=False),
    Column("new", Text),
)
