from sqlalchemy import JSON, Column, Float, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Time
from sqlalchemy.dialects import mysql

metadata = MetaData()

Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bits", mysql.BIT(4)),
    Column("founded", mysql.YEAR),
    Column("padded", Integer),
    Column("ratio", Float),
    Column("at", Time),
    Column("seen", mysql.DATETIME),
    Column("stamp", mysql.TIMESTAMP, nullable=True),
    Column("document", JSON),
    Column("bytes", mysql.VARBINARY(20)),
    Column("blob", LargeBinary),
    Column("small", SmallInteger),
)
