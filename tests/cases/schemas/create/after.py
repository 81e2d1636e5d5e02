from sqlalchemy import Column, Enum, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
)

log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id")),
    Column("kind", Enum("in", "out", name="kind", schema="audit")),
    schema="audit",
)
ref = Table("ref", metadata, Column("id", Integer, primary_key=True), Column("log_id", ForeignKey("audit.log.id")))
