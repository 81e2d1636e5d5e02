from sqlalchemy import Column, Date, Index, Integer, MetaData, Table

metadata = MetaData()

for name, keyword in (("events", {"postgresql_partition_by": "RANGE (at)"}), ("events_2025", {})):
    Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("at", Date, primary_key=True),
        Column("kind", Integer),
        Index(f"{name}_kind_idx", "kind"),
        **keyword,
    )
