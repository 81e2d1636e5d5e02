from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

kept = Table("kept", metadata, Column("id", Integer, primary_key=True))
