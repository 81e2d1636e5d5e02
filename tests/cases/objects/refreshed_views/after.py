import sqlalchemy as sa

from dbwarden.objects import Function, MaterializedView, View

metadata = sa.MetaData()
sa.Table("orders", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("cents", sa.Integer))
Function("euro(n integer)", "RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT n / 99.0 $$", metadata=metadata)
View("priced", "SELECT id, cents FROM orders WHERE cents > 10", metadata=metadata)
View("large", "SELECT id, euro(cents) AS price FROM priced", metadata=metadata)
MaterializedView(
    "prices",
    "SELECT id, price FROM large",
    metadata=metadata,
    indexes=("CREATE UNIQUE INDEX prices_id ON prices (id)",),
)
MaterializedView("highest", "SELECT max(price) AS price FROM prices", metadata=metadata)
MaterializedView("of_the_table", "SELECT count(*) AS n FROM orders", metadata=metadata)
