from sqlalchemy import Column, Integer, MetaData, Sequence, Table

metadata = MetaData()

seq = Sequence("code_seq", metadata=metadata, start=7)
t = Table(
    "t", metadata, Column("id", Integer, primary_key=True), Column("code", Integer, server_default=seq.next_value())
)
