from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "places",
    metadata,
    Column("name", String(50)),
    Column("people", Integer, CheckConstraint("people >= 0", name="has_people")),
)
Table("marks", metadata, Column("note", String(50)))
Table("capitals", metadata, Column("state", String(2)), postgresql_inherits="places")
Table("villages", metadata, Column("note", String(50)))
