from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
p = Table("p", metadata, Column("id", Integer, primary_key=True), Column("code", String(3), unique=True, index=False))
c = Table(
    "c",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("p_id", ForeignKey("p.id"), index=True),
    Column("a_column_with_an_extraordinarily_long_name_that_must_be_cut", Integer, index=True),
    CheckConstraint("p_id > 0", name="positive"),
)
