from sqlalchemy import Column, Integer, MetaData, Sequence, Table

metadata = MetaData()

codes = Sequence("codes", start=7, metadata=metadata)
numbers = Sequence("numbers", start=100, increment=5, metadata=metadata)
orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Integer),
    Column("number", Integer, server_default=numbers.next_value()),
)
