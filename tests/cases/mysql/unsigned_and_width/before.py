from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.mysql import BIGINT, BIT, DECIMAL, DOUBLE, INTEGER, MEDIUMINT, SMALLINT, TINYINT, YEAR

metadata = MetaData()

Table(
    "readings",
    metadata,
    Column("id", INTEGER(unsigned=True), primary_key=True),
    Column("level", INTEGER),
    Column("step", SMALLINT(unsigned=True), nullable=False),
    Column("price", DECIMAL(10, 2)),
)
