import sqlalchemy as sa

from dbwarden.objects import Policy, RowLevelSecurity

metadata = sa.MetaData()
sa.Table("tenants", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant", sa.BigInteger),
    sa.Column("kind", sa.String(20)),
    RowLevelSecurity(forced=True),
)
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("writer", sa.Text),
    RowLevelSecurity(),
)
log = sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), RowLevelSecurity(forced=True))
Policy(
    "own rows",
    on=accounts,
    using=accounts.c.tenant == sa.cast(sa.func.current_setting("app.tenant"), sa.BigInteger),
    metadata=metadata,
    comment="a tenant sees its own rows",
)
Policy("readers", on=accounts, command="select", to=("pg_monitor", "pg_read_all_data"), using="true", metadata=metadata)
Policy("no_deletes", on="accounts", command="DELETE", using="kind <> 'final'", metadata=metadata)
Policy("checked", on=accounts, command="UPDATE", using="id > 0", metadata=metadata)
Policy(
    "of_tenants",
    on=notes,
    using="EXISTS (SELECT FROM tenants t JOIN notes n ON n.id = t.id WHERE t.name = writer)",
    metadata=metadata,
)
Policy("mine", on=notes, to="public", using=notes.c.writer == sa.func.current_user(), metadata=metadata)
Policy("all", on=log, using="true", with_check="false", metadata=metadata)
