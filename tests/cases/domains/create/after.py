from sqlalchemy import Column, Integer, MetaData, String, Table, text
from sqlalchemy.dialects.postgresql import DOMAIN

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zip", DOMAIN("zip", String(5), not_null=False, check=text("length(VALUE) = 5"))),
)
