from sqlalchemy import Column, Date, ForeignKey, Integer, MetaData, Table, UniqueConstraint

metadata = MetaData()
Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Date),
    Column("follows", ForeignKey("orders.id", name="fk_orders"), index=True),
    UniqueConstraint("id", "number", name="orders_id_number_key"),
)
