from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

metadata = MetaData()
Table("carriers", metadata, Column("id", Integer, primary_key=True))
Table(
    "parcels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("carrier", ForeignKey("carriers.id", name="fk_parcels")),
)
Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parcel", ForeignKey("parcels.id", name="fk_orders")),
)
