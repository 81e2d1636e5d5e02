from sqlalchemy import Column, Integer, MetaData, String, Table
from sqlalchemy.types import UserDefinedType


class Own(UserDefinedType):
    cache_ok = True

    def __init__(self, text):
        self.text = text

    def get_col_spec(self, **_):
        return self.text


metadata = MetaData()

Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("spot", Own("POINT"), nullable=False),
    Column("note", String(20)),
)
