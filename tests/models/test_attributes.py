"""The names that classes have for columns."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry, relationship

from dbwarden.core.types import Ref
from dbwarden.models.attributes import attributes


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column("mail")
    unfinished = relationship("SomethingThatIsDefinedElsewhere")


class Admin(User):
    rights: Mapped[str] = mapped_column("granted")


plain = sa.Table("plain", Base.metadata, sa.Column("a", sa.Integer, key="b"), sa.Column("c", sa.Integer), schema="s")


def test_attributes_that_differ_from_their_columns() -> None:
    names = attributes(Base.metadata.tables.values(), [Base.registry])
    assert names == {
        Ref("column", "mail", None, "users"): "email",
        Ref("column", "granted", None, "users"): "rights",
        Ref("column", "a", "s", "plain"): "b",
    }


def test_tables_of_others_and_mappers_of_none() -> None:
    assert attributes([plain], [Base.registry, registry()]) == {Ref("column", "a", "s", "plain"): "b"}
    assert attributes([]) == {}
