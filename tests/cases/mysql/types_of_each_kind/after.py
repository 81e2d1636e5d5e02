from sqlalchemy import JSON, Column, Double, Integer, MetaData, SmallInteger, String, Table
from sqlalchemy.dialects import mysql

metadata = MetaData()

Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bits", mysql.BIT(8)),
    Column("founded", SmallInteger),
    Column("padded", mysql.INTEGER(8, zerofill=True)),
    Column("ratio", Double),
    Column("at", mysql.TIME(fsp=3)),
    Column("seen", mysql.DATETIME(fsp=6)),
    Column("stamp", mysql.TIMESTAMP(fsp=3), nullable=True),
    Column("document", JSON, nullable=False),
    Column("bytes", mysql.VARBINARY(200)),
    Column("blob", mysql.MEDIUMBLOB),
    Column("small", mysql.MEDIUMINT),
)
