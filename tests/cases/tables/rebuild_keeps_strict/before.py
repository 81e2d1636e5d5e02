from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()

pairs = Table(
    "pairs",
    metadata,
    Column("a", Text, primary_key=True),
    Column("b", Integer),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
