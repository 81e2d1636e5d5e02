from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    CheckConstraint("age IN (1, 2, 3)", name="ck_in"),
    CheckConstraint("age BETWEEN 1 AND 9 OR age IS NULL", name="ck_between"),
    CheckConstraint("email LIKE '%@%'", name="ck_like"),
    CheckConstraint("NOT (age = 5) AND email != 'x'", name="ck_not"),
    CheckConstraint("CASE WHEN age > 3 THEN email <> '' ELSE true END", name="ck_case"),
    CheckConstraint("coalesce(age, 0) + 1 > 0", name="ck_coalesce"),
)
