import sqlalchemy as sa

from dbwarden.objects import TableClauses, View

metadata = sa.MetaData()
sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("cents", sa.BigInteger, nullable=False),
    TableClauses(order_by="id"),
)
View("b_paid", "SELECT id, cents FROM orders WHERE cents > 0", metadata=metadata, comment="without gifts")
View("a_sums", "SELECT sum(cents) AS cents FROM b_paid", metadata=metadata)
View("c_ids", "SELECT 1 AS id", metadata=metadata)
