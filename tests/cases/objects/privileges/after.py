import sqlalchemy as sa

from dbwarden.objects import Function, Grant, View

metadata = sa.MetaData()
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("balance", sa.BigInteger),
    sa.Column("email", sa.Text),
)
names = View("names", "SELECT id, name, balance FROM accounts", metadata=metadata)
numbers = sa.Sequence("numbers", metadata=metadata)
twice = Function("twice(n int)", "RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$", metadata=metadata)
mood = sa.Enum("sad", "ok", name="mood", metadata=metadata)
sa.Table("sales", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="shop")
log = sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True))

Grant("SELECT, DELETE", on=accounts, to="pg_monitor", metadata=metadata)
Grant("UPDATE", on=accounts, to="pg_monitor", metadata=metadata)
Grant("SELECT", on=accounts, columns=("id", "email"), to="public", metadata=metadata)
Grant("SELECT", on=names, to=("pg_monitor", "pg_read_all_data"), metadata=metadata)
Grant("USAGE, SELECT", on=numbers, to="pg_monitor", metadata=metadata)
Grant((), on=twice, to="PUBLIC", metadata=metadata)
Grant("EXECUTE", on="FUNCTION twice(integer)", to="pg_monitor", grantable=True, metadata=metadata)
Grant("USAGE, CREATE", on="SCHEMA shop", to="pg_monitor", metadata=metadata)
Grant("SELECT", on="shop.sales", to="pg_monitor", metadata=metadata)
Grant("INSERT, SELECT", on=log, to="pg_monitor", metadata=metadata)
