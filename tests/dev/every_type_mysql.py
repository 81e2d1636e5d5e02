"""A model file with a column of every type that MySQL and MariaDB share, by the names of SQLAlchemy's MySQL dialect and by the
generic ones."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Base(DeclarativeBase):
    pass


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"


metadata = Base.metadata


class Every(Base):
    __tablename__ = "every"

    id = mapped_column(mysql.BIGINT(unsigned=True), primary_key=True, autoincrement=True)

    # -- generic
    big_integer = mapped_column(sa.BigInteger)
    small_integer = mapped_column(sa.SmallInteger)
    boolean = mapped_column(sa.Boolean)
    date = mapped_column(sa.Date)
    date_time = mapped_column(sa.DateTime)
    double = mapped_column(sa.Double)
    enum = mapped_column(sa.Enum(Colour))
    enum_text = mapped_column(sa.Enum("a", "b", native_enum=False))
    floating = mapped_column(sa.Float)
    interval = mapped_column(sa.Interval)
    json = mapped_column(sa.JSON)
    large_binary = mapped_column(sa.LargeBinary)
    numeric = mapped_column(sa.Numeric(10, 2))
    numeric_wide = mapped_column(sa.Numeric(30, 2))
    pickle = mapped_column(sa.PickleType)
    string_n = mapped_column(sa.String(7))
    text = mapped_column(sa.Text)
    time = mapped_column(sa.Time)
    unicode = mapped_column(sa.Unicode(7))
    unicode_text = mapped_column(sa.UnicodeText)
    uuid = mapped_column(sa.Uuid)
    uuid_text = mapped_column(sa.Uuid(as_uuid=False))

    # -- MySQL's own
    my_bit = mapped_column(mysql.BIT(8))
    my_tinyint = mapped_column(mysql.TINYINT)
    my_tinyint_unsigned = mapped_column(mysql.TINYINT(unsigned=True))
    my_mediumint = mapped_column(mysql.MEDIUMINT)
    my_integer = mapped_column(mysql.INTEGER(unsigned=True))
    my_zerofill = mapped_column(mysql.INTEGER(zerofill=True))
    my_bigint = mapped_column(mysql.BIGINT(unsigned=True))
    my_decimal = mapped_column(mysql.DECIMAL(10, 3, unsigned=True))
    my_double = mapped_column(mysql.DOUBLE(asdecimal=False))
    my_float = mapped_column(mysql.FLOAT(asdecimal=False))
    my_char = mapped_column(mysql.CHAR(3))
    my_varchar = mapped_column(mysql.VARCHAR(20, charset="latin1", collation="latin1_bin"))
    my_tinytext = mapped_column(mysql.TINYTEXT)
    my_mediumtext = mapped_column(mysql.MEDIUMTEXT)
    my_longtext = mapped_column(mysql.LONGTEXT(collation="utf8mb4_bin", charset="utf8mb4"))
    my_binary = mapped_column(sa.BINARY(3))
    my_varbinary = mapped_column(sa.VARBINARY(20))
    my_tinyblob = mapped_column(mysql.TINYBLOB)
    my_mediumblob = mapped_column(mysql.MEDIUMBLOB)
    my_longblob = mapped_column(mysql.LONGBLOB)
    my_enum = mapped_column(mysql.ENUM("x", "it's", "a\\b"))
    my_set = mapped_column(mysql.SET("x", "y", "z"))
    my_json = mapped_column(mysql.JSON)
    my_year = mapped_column(mysql.YEAR)
    my_time = mapped_column(mysql.TIME(fsp=6))
    my_datetime = mapped_column(mysql.DATETIME(fsp=6))
    my_timestamp = mapped_column(mysql.TIMESTAMP(fsp=3), nullable=True)

    # -- defaults of the server
    default_enum = mapped_column(mysql.ENUM("x", "it's"), server_default="it's")
    default_bit = mapped_column(mysql.BIT(3), server_default=sa.text("b'101'"))
    default_text = mapped_column(sa.String(20), server_default="a\\b'c")
    default_number = mapped_column(mysql.INTEGER(unsigned=True), server_default="7")
    default_document = mapped_column(sa.JSON, server_default=sa.text("(json_array(1, 2))"))
    default_uuid = mapped_column(sa.String(36), server_default=sa.text("(uuid())"))
    default_moment = mapped_column(mysql.DATETIME(fsp=6), server_default=sa.text("CURRENT_TIMESTAMP(6)"))
    changed = mapped_column(
        mysql.TIMESTAMP(), server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"), nullable=False
    )
    computed = mapped_column(sa.String(40), sa.Computed("concat(upper(my_char), '-', my_integer)"))
