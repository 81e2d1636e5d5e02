from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "places",
    metadata,
    Column("name", String(50)),
    Column("people", BigInteger, CheckConstraint("people >= 0", name="has_people")),
    Column("height", Integer),
)
Table("marks", metadata, Column("note", String(50)))
Table("capitals", metadata, Column("state", String(2)), Column("since", Integer), postgresql_inherits="places")
Table("villages", metadata, Column("note", String(50)), postgresql_inherits="marks")
Table("islands", metadata, Column("sea", String(20)), postgresql_inherits=("places", "marks"))
