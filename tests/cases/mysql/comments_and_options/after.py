from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False, server_default="a", comment="it's a \\ path"),
    Column("note", String(20), comment="new"),
    comment="second's",
    mysql_stats_persistent="1",
    mariadb_stats_persistent="1",
)
