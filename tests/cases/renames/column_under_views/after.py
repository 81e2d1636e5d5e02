import sqlalchemy as sa

from dbwarden.objects import View

metadata = sa.MetaData()
sa.Table("orders", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("price", sa.Integer))
View("priced", "SELECT id, price FROM orders", metadata=metadata)
View("totals", "SELECT sum(price) AS cents FROM priced", metadata=metadata)
View("in_euro", "SELECT cents / 100.0 AS euro FROM totals", metadata=metadata)
