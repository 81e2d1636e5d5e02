from sqlalchemy import Column, Enum, Integer, MetaData, Table

from dbwarden.objects import CompositeType, Domain

metadata = MetaData()

currency = Enum("eur", "usd", name="currency", metadata=metadata)
money = CompositeType("amount", {"cents": "bigint", "unit": currency}, metadata=metadata)
price = Domain("price", money, metadata=metadata, checks={"price_is_positive": "(VALUE).cents > 0"})
Table("goods", metadata, Column("id", Integer, primary_key=True), Column("costs", price.type))
