import sqlalchemy as sa

from dbwarden.objects import DefaultPrivileges, Grant

metadata = sa.MetaData()
accounts = sa.Table("accounts", metadata, sa.Column("id", sa.Integer, primary_key=True))

DefaultPrivileges("SELECT, INSERT", on="TABLES", to="pg_monitor", metadata=metadata)
DefaultPrivileges("ALL", on="SEQUENCES", to=("pg_monitor", "pg_read_all_data"), in_schema="public", metadata=metadata)
Grant("CONNECT", on="DATABASE", to="pg_monitor", metadata=metadata)
