from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("age", Integer, nullable=False),
    Column("name", String(20)),
    CheckConstraint("age > 0", name="ck_age"),
    CheckConstraint("name <> ''", name="ck_name"),
)
