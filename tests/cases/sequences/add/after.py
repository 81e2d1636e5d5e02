from sqlalchemy import Column, Integer, MetaData, Sequence, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    Column("n", Integer, Sequence("n_seq", start=10, increment=2)),
)

Sequence("lone", metadata=metadata, cycle=True, maxvalue=99)
