from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table

from dbwarden.objects import Publication, PublishedTable

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String(50)))
orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("total", Integer, nullable=False),
    Column("paid", Boolean),
)
events = Table("events", metadata, Column("id", Integer, primary_key=True), schema="audit")

changes = Publication("changes", [users, "audit.events"], metadata=metadata)
PublishedTable(changes, on=orders, columns=("id", "total"), where="total > 0", metadata=metadata)
Publication("reports", metadata=metadata, schemas=["audit"], publish="insert, truncate")
Publication("everything", metadata=metadata, all_tables=True, comment="for the standby")
Publication("old", [users], metadata=metadata)
