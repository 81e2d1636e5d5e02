from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import CompositeType, Domain

metadata = MetaData()

amount = CompositeType("amount", {"value": "numeric(10,2)", "currency": "char(3)"}, metadata=metadata, comment="money")
Domain("positive_amount", "amount", metadata=metadata, checks={"is_positive": "(VALUE).value > 0"})
Table("prices", metadata, Column("id", Integer, primary_key=True))
