from sqlalchemy import Column, Integer, MetaData, Sequence, Table

metadata = MetaData()

codes = Sequence("codes", start=7, metadata=metadata)
orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Integer, server_default=codes.next_value()),
)
