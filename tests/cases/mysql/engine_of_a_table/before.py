from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "logs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line", String(20)),
    mysql_engine="MyISAM",
    mariadb_engine="MyISAM",
)
Table(
    "words",
    metadata,
    Column("id", Integer, primary_key=True),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
)
