from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table

metadata = MetaData()

Table("owners", metadata, Column("id", Integer, primary_key=True))
pets = Table(
    "pets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner_id", Integer),
    Column("vet_id", Integer, ForeignKey("owners.id", name="fk_vet")),
    Column("born", Integer),
    Column("sitter_id", Integer, ForeignKey("owners.id", name="fk_sitter", ondelete="SET NULL")),
)
Index("ix_vet_born", pets.c.vet_id, pets.c.born)
