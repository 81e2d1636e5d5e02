import sqlalchemy as sa

from dbwarden.objects import Function, Grant, View

metadata = sa.MetaData()
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("balance", sa.Integer),
)
names = View("names", "SELECT id, name, balance FROM accounts", metadata=metadata)
numbers = sa.Sequence("numbers", metadata=metadata)
twice = Function("twice(n int)", "RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$", metadata=metadata)
mood = sa.Enum("sad", "ok", name="mood", metadata=metadata)
sa.Table("sales", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="shop")

Grant("SELECT, INSERT", on=accounts, to="pg_monitor", metadata=metadata)
Grant("UPDATE", on=accounts, to="pg_monitor", grantable=True, metadata=metadata)
Grant("SELECT", on=accounts, columns=("id", "name"), to="public", metadata=metadata)
Grant("ALL", on="accounts", to="pg_read_all_data", metadata=metadata)
Grant("SELECT", on=names, to="pg_monitor", metadata=metadata)
Grant("USAGE", on=numbers, to="pg_monitor", metadata=metadata)
Grant("EXECUTE", on=twice, to="pg_monitor", metadata=metadata)
Grant("USAGE", on="SCHEMA shop", to="pg_monitor", metadata=metadata)
Grant("USAGE", on="TYPE mood", to="pg_monitor", metadata=metadata)
