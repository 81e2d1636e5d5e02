from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table

from dbwarden.objects import Publication, PublishedSchema, PublishedTable

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String(50)))
orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("total", Integer, nullable=False),
    Column("paid", Boolean),
    Column("note", String(50)),
)
events = Table("events", metadata, Column("id", Integer, primary_key=True), schema="audit")

changes = Publication("changes", [users], metadata=metadata, publish="insert, update", via_root=True)
PublishedTable(changes, on=orders, columns=("id", "note", "total"), where=orders.c.total >= 10, metadata=metadata)
Publication("reports", metadata=metadata, comment="the auditors read this")
PublishedSchema("reports", of="public", metadata=metadata)
Publication("everything", metadata=metadata, all_tables=True, publish=("insert",))
Publication("paid", metadata=metadata, schemas=["audit"])
PublishedTable("paid", on="orders", where="paid AND note IS NOT NULL", metadata=metadata)
