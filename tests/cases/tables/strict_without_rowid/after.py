from sqlalchemy import Column, MetaData, Table, Text

metadata = MetaData()

pairs = Table(
    "pairs",
    metadata,
    Column("a", Text, primary_key=True),
    Column("b", Text, primary_key=True),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
