import sqlalchemy as sa

from dbwarden.objects import Policy, RowLevelSecurity

metadata = sa.MetaData()
sa.Table("tenants", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant", sa.Integer),
    sa.Column("kind", sa.String(20)),
    RowLevelSecurity(),
)
sa.Table("notes", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("writer", sa.Text))
Policy(
    "own rows",
    on=accounts,
    using="tenant = current_setting('app.tenant')::int",
    metadata=metadata,
    comment="a tenant sees its rows",
)
Policy("readers", on=accounts, command="select", to="pg_monitor", using=True, metadata=metadata)
Policy("no_deletes", on="accounts", command="DELETE", permissive=False, using="kind <> 'final'", metadata=metadata)
Policy("gone", on=accounts, command="INSERT", with_check="tenant > 0", metadata=metadata)
Policy("checked", on=accounts, command="UPDATE", using="id > 0", with_check="id > 1", metadata=metadata)
