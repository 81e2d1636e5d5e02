import sqlalchemy as sa

from dbwarden.objects import View

metadata = sa.MetaData()
sa.Table("orders", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("cents", sa.Integer))
View("priced", "SELECT id, cents FROM orders", metadata=metadata)
View("totals", "SELECT sum(cents) AS cents FROM priced", metadata=metadata)
View("in_euro", "SELECT cents / 100.0 AS euro FROM totals", metadata=metadata)
