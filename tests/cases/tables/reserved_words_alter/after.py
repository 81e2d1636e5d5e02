from sqlalchemy import Column, Index, Integer, MetaData, String, Table

metadata = MetaData()

order = Table(
    "order",
    metadata,
    Column("select", Integer, primary_key=True),
    Column("Group", String(40), nullable=False, server_default="x"),
    Column("user", Integer),
    Index("IX", "Group"),
)
