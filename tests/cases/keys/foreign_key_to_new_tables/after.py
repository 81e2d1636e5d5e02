from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()
Table("carriers", metadata, Column("id", Integer, primary_key=True))
Table(
    "parcels",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("carrier", ForeignKey("carriers.id", name="fk_parcels"), index=True),
)
Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parcel", ForeignKey("parcels.id", name="fk_orders"), index=True),
)
