from sqlalchemy import Column, Index, Integer, MetaData, String, Table
from sqlalchemy.types import UserDefinedType


class Own(UserDefinedType):
    cache_ok = True

    def __init__(self, text):
        self.text = text

    def get_col_spec(self, **_):
        return self.text


metadata = MetaData()

places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("spot", Own("POINT"), nullable=False),
    Column("note", String(20)),
    Column("route", Own("LINESTRING SRID 4326").with_variant(Own("LINESTRING REF_SYSTEM_ID=4326"), "mariadb")),
    Column("embedding", Own("VECTOR(3)").with_variant(Own("UUID"), "mariadb")),
    Column("address", Own("VARBINARY(16)").with_variant(Own("INET6"), "mariadb")),
)
Index("ix_spot", places.c.spot, mysql_prefix="SPATIAL", mariadb_prefix="SPATIAL")
Index("ft_note", places.c.note, mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT", mysql_with_parser="ngram").ddl_if(
    dialect="mysql"
)
