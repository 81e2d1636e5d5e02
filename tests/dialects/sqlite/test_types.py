"""Types: what SQLAlchemy would emit is the type."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dbwarden.core.dialect import Dialect
from dbwarden.dialects.sqlite.types import declared
from dbwarden.errors import Unsupported


class Money(sa.types.UserDefinedType[Any]):
    """A type whose constructor has a required argument."""

    cache_ok = True

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def get_col_spec(self, **_: Any) -> str:
        return f"MONEY({self.digits}, 2)"


class Path(sa.types.TypeDecorator[Any]):
    impl = sa.String(99)
    cache_ok = True


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (sa.Integer(), "INTEGER"), (sa.BigInteger(), "BIGINT"), (sa.String(50), "VARCHAR(50)"), (sa.Text(), "TEXT"),
        (sa.DateTime(timezone=True), "DATETIME"), (sa.Numeric(10, 2), "NUMERIC(10, 2)"), (sa.JSON(), "JSON"),
        (sa.Uuid(), "CHAR(32)"), (sa.Interval(), "DATETIME"), (sa.LargeBinary(), "BLOB"), (sa.Boolean(), "BOOLEAN"),
        (sa.Enum("a", "longest", name="e"), "VARCHAR(7)"), (Path(), "VARCHAR(99)"), (Money(5), "MONEY(5, 2)"),
        (sa.String(5, collation="NOCASE"), "VARCHAR(5)"), (sa.DOUBLE_PRECISION(), "DOUBLE PRECISION"),
        (sa.Text().with_variant(sa.String(9), "sqlite"), "VARCHAR(9)"),
        (postgresql.ARRAY(sa.Integer).with_variant(sa.JSON(), "sqlite"), "JSON"),
    ],
)  # fmt: skip
def test_from_sqlalchemy(type_: Any, text: str, dialect: Dialect) -> None:
    datatype, named = dialect.from_sqlalchemy(type_)
    assert (declared(datatype), named) == (text, ())


@pytest.mark.parametrize("type_", [sa.ARRAY(sa.Integer), postgresql.TSVECTOR(), sa.types.NullType()])
def test_what_the_compiler_has_no_word_for(type_: Any, dialect: Dialect) -> None:
    with pytest.raises(Unsupported, match=type(type_).__name__) as raised:
        dialect.from_sqlalchemy(type_)
    assert "sqlalche.me" not in str(raised.value)
