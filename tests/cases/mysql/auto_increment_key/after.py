from sqlalchemy import BigInteger, Column, Integer, MetaData, PrimaryKeyConstraint, String, Table, UniqueConstraint

metadata = MetaData()

Table(
    "countries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(2), nullable=False, unique=True),
    Column("name", String(50), nullable=False),
)
Table(
    "counters",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(50)),
)
Table("plain", metadata, Column("id", BigInteger, primary_key=True), Column("name", String(50)))
