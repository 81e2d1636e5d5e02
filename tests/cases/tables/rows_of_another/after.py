from sqlalchemy import Column, Date, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False),
    Column("since", Date),
    Column("team", String(20), nullable=False),
    Column("score", Integer),
    Column("rank", Integer),
)
