import sqlalchemy as sa

from dbwarden.objects import Trigger, View

metadata = sa.MetaData()
sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("cents", sa.Integer),
    sa.Column("note", sa.String(40)),
)
View("priced", "SELECT id, cents FROM orders", metadata=metadata)
View("totals", "SELECT sum(cents) AS cents FROM priced", metadata=metadata)
View("in_euro", "SELECT cents / 100.0 AS euro FROM totals", metadata=metadata)
Trigger(
    "entered",
    "INSTEAD OF INSERT ON priced BEGIN INSERT INTO orders (id, cents) VALUES (new.id, new.cents); END",
    metadata=metadata,
)
Trigger(
    "noted",
    "AFTER INSERT ON orders BEGIN UPDATE orders SET cents = (SELECT max(euro) FROM in_euro) WHERE cents IS NULL; END",
    metadata=metadata,
)
