import sqlalchemy as sa

from dbwarden.objects import DefaultPrivileges, Grant

metadata = sa.MetaData()
accounts = sa.Table("accounts", metadata, sa.Column("id", sa.Integer, primary_key=True))
log = sa.Table("log", metadata, sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False))

DefaultPrivileges("SELECT, DELETE", on="TABLES", to="pg_monitor", grantable="DELETE", metadata=metadata)
DefaultPrivileges("USAGE", on="SEQUENCES", to="pg_monitor", in_schema="public", metadata=metadata)
DefaultPrivileges((), on="FUNCTIONS", to="PUBLIC", metadata=metadata)
Grant("SELECT", on=log, to="pg_monitor", metadata=metadata)
Grant("CONNECT, CREATE", on="DATABASE", to="pg_monitor", metadata=metadata)
Grant("USAGE", on="LANGUAGE plpgsql", to="pg_monitor", metadata=metadata)
