from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()
Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(20)),
    Column("follows", ForeignKey("orders.id", name="fk_orders")),
    UniqueConstraint("id", "number", name="orders_id_number_key"),
)
