from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("age", Integer, nullable=False),
    Column("name", String(20)),
    CheckConstraint("age > 1", name="ck_age"),
    CheckConstraint("age < 200", name="ck_old"),
)
