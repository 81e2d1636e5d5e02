from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(40), nullable=False),
    Column("invited_by", ForeignKey("users.id")),
    CheckConstraint("email <> ''", name="some_email"),
    Index("ix_users_email", "email", unique=True),
)
