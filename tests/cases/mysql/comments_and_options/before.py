from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False, server_default="a", comment="old"),
    Column("note", String(20)),
    comment="first",
    mysql_row_format="COMPRESSED",
    mariadb_row_format="COMPRESSED",
)
