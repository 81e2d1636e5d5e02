from sqlalchemy import Column, Integer, MetaData, String, Table, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    ExcludeConstraint((text("int4range(age, age + 1)"), "&&"), name="ex_age", using="gist", where="age IS NOT NULL"),
)
