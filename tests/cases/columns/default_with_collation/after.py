from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, text

metadata = MetaData()

# Behind DEFAULT in CREATE TABLE it is the collation of the column; in parentheses it belongs to the expression.
t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("c", Text, server_default=text("'x' COLLATE \"C\"")),
    Column("d", Text, server_default=text("('x' COLLATE \"C\")")),
)
