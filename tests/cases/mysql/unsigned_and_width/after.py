from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.mysql import BIGINT, BIT, DECIMAL, DOUBLE, INTEGER, MEDIUMINT, SMALLINT, TINYINT, YEAR

metadata = MetaData()

Table(
    "readings",
    metadata,
    Column("id", BIGINT(unsigned=True), primary_key=True),
    Column("level", INTEGER(unsigned=True)),
    Column("step", MEDIUMINT(unsigned=True), nullable=False),
    Column("price", DECIMAL(12, 2, unsigned=True)),
    Column("flag", TINYINT(1), server_default="0"),
    Column("bits", BIT(4)),
    Column("year", YEAR),
    Column("ratio", DOUBLE(unsigned=True)),
    Column("code", INTEGER(6, unsigned=True, zerofill=True)),
)
