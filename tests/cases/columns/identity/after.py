from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, Identity(always=True, start=100, increment=5), primary_key=True),
    Column("n", BigInteger, Identity(minvalue=1, maxvalue=1000, cycle=True, cache=7)),
)
