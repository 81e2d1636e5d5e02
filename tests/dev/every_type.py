"""A model file with a column of every type that PostgreSQL has, by the names of SQLAlchemy's PostgreSQL dialect and by the
generic ones."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Base(DeclarativeBase):
    pass


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"


class Own(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "POINT"


class Upper(sa.types.TypeDecorator[str]):
    impl = sa.String(9)
    cache_ok = True


metadata = Base.metadata


class Every(Base):
    __tablename__ = "every"
    __table_args__ = ({"schema": "all"},)

    id = mapped_column(sa.Integer, primary_key=True)

    # -- generic
    big_integer = mapped_column(sa.BigInteger)
    small_integer = mapped_column(sa.SmallInteger)
    boolean = mapped_column(sa.Boolean)
    date = mapped_column(sa.Date)
    date_time = mapped_column(sa.DateTime)
    date_time_zone = mapped_column(sa.DateTime(timezone=True))
    double = mapped_column(sa.Double)
    enum = mapped_column(sa.Enum(Colour, name="colour"))
    enum_text = mapped_column(sa.Enum("a", "b", name="letter", native_enum=False))
    floating = mapped_column(sa.Float)
    floating_53 = mapped_column(sa.Float(53))
    interval = mapped_column(sa.Interval)
    json = mapped_column(sa.JSON)
    large_binary = mapped_column(sa.LargeBinary)
    numeric = mapped_column(sa.Numeric(10, 2))
    numeric_wide = mapped_column(sa.Numeric(30, 2))
    numeric_free = mapped_column(sa.Numeric)
    pickle = mapped_column(sa.PickleType)
    string = mapped_column(sa.String)
    string_n = mapped_column(sa.String(7))
    text = mapped_column(sa.Text)
    time = mapped_column(sa.Time)
    time_zone = mapped_column(sa.Time(timezone=True))
    unicode = mapped_column(sa.Unicode(7))
    unicode_text = mapped_column(sa.UnicodeText)
    uuid = mapped_column(sa.Uuid)
    uuid_text = mapped_column(sa.Uuid(as_uuid=False))
    uuid_character = mapped_column(sa.Uuid(native_uuid=False))
    array = mapped_column(sa.ARRAY(sa.Integer))
    own = mapped_column(Own)
    decorated = mapped_column(Upper)

    # -- as in SQL
    sql_bigint = mapped_column(sa.BIGINT)
    sql_boolean = mapped_column(sa.BOOLEAN)
    sql_char = mapped_column(sa.CHAR(3))
    sql_date = mapped_column(sa.DATE)
    sql_decimal = mapped_column(sa.DECIMAL(8, 3))
    sql_double_precision = mapped_column(sa.DOUBLE_PRECISION)
    sql_float = mapped_column(sa.FLOAT)
    sql_int = mapped_column(sa.INT)
    sql_integer = mapped_column(sa.INTEGER)
    sql_json = mapped_column(sa.JSON)
    sql_nchar = mapped_column(sa.NCHAR(3))
    sql_numeric = mapped_column(sa.NUMERIC(8, 3))
    sql_real = mapped_column(sa.REAL)
    sql_smallint = mapped_column(sa.SMALLINT)
    sql_text = mapped_column(sa.TEXT)
    sql_time = mapped_column(sa.TIME)
    sql_timestamp = mapped_column(sa.TIMESTAMP)
    sql_uuid = mapped_column(sa.UUID)
    sql_varchar = mapped_column(sa.VARCHAR(9))

    # -- PostgreSQL's own
    pg_bit = mapped_column(pg.BIT(4))
    pg_bit_varying = mapped_column(pg.BIT(8, varying=True))
    pg_bytea = mapped_column(pg.BYTEA)
    pg_cidr = mapped_column(pg.CIDR)
    pg_citext = mapped_column(pg.CITEXT)
    pg_domain = mapped_column(pg.DOMAIN("positive", sa.Integer, check="VALUE > 0"))
    pg_enum = mapped_column(pg.ENUM(Colour, name="colour"))
    pg_hstore = mapped_column(pg.HSTORE)
    pg_inet = mapped_column(pg.INET)
    pg_inet_network = mapped_column(pg.INET)
    pg_interval = mapped_column(pg.INTERVAL)
    pg_interval_fields = mapped_column(pg.INTERVAL(fields="DAY TO SECOND", precision=2))
    pg_json = mapped_column(pg.JSON)
    pg_jsonb = mapped_column(pg.JSONB)
    pg_jsonpath = mapped_column(pg.JSONPATH)
    pg_macaddr = mapped_column(pg.MACADDR)
    pg_macaddr8 = mapped_column(pg.MACADDR8)
    pg_money = mapped_column(pg.MONEY)
    pg_oid = mapped_column(pg.OID)
    pg_regclass = mapped_column(pg.REGCLASS)
    pg_regconfig = mapped_column(pg.REGCONFIG)
    pg_time = mapped_column(pg.TIME(precision=2))
    pg_timestamp = mapped_column(pg.TIMESTAMP(precision=3))
    pg_timestamp_zone = mapped_column(pg.TIMESTAMP(timezone=True, precision=0))
    pg_tsquery = mapped_column(pg.TSQUERY)
    pg_tsvector = mapped_column(pg.TSVECTOR)
    pg_uuid = mapped_column(pg.UUID)
    pg_uuid_text = mapped_column(pg.UUID(as_uuid=False))

    # -- ranges
    int4range = mapped_column(pg.INT4RANGE)
    int8range = mapped_column(pg.INT8RANGE)
    numrange = mapped_column(pg.NUMRANGE)
    daterange = mapped_column(pg.DATERANGE)
    tsrange = mapped_column(pg.TSRANGE)
    tstzrange = mapped_column(pg.TSTZRANGE)
    int4multirange = mapped_column(pg.INT4MULTIRANGE)
    int8multirange = mapped_column(pg.INT8MULTIRANGE)
    nummultirange = mapped_column(pg.NUMMULTIRANGE)
    datemultirange = mapped_column(pg.DATEMULTIRANGE)
    tsmultirange = mapped_column(pg.TSMULTIRANGE)
    tstzmultirange = mapped_column(pg.TSTZMULTIRANGE)

    # -- arrays
    texts = mapped_column(pg.ARRAY(sa.Text))
    matrix = mapped_column(pg.ARRAY(sa.Integer, dimensions=2))
    tuples = mapped_column(pg.ARRAY(sa.Integer, as_tuple=True))
    uuids = mapped_column(pg.ARRAY(sa.Uuid))
    dates = mapped_column(pg.ARRAY(sa.Date))
    moments = mapped_column(pg.ARRAY(sa.DateTime(timezone=True)))
    numbers = mapped_column(pg.ARRAY(sa.Numeric(10, 2)))
    truths = mapped_column(pg.ARRAY(sa.Boolean))
    blobs = mapped_column(pg.ARRAY(sa.LargeBinary))
    documents = mapped_column(pg.ARRAY(pg.JSONB, dimensions=1))
    colours = mapped_column(pg.ARRAY(pg.ENUM(Colour, name="colour")))
    spans = mapped_column(pg.ARRAY(pg.INTERVAL))
    addresses = mapped_column(pg.ARRAY(pg.INET))
    periods = mapped_column(pg.ARRAY(pg.INT4RANGE))

    # -- defaults of the server, kept in the form that rows have
    default_texts = mapped_column(pg.ARRAY(sa.Text), server_default='{a,"b c",1,NULL}')
    default_matrix = mapped_column(pg.ARRAY(sa.Integer), server_default="{{1,2},{3,4}}")
    default_truths = mapped_column(pg.ARRAY(sa.Boolean), server_default="{t,false}")
    default_range = mapped_column(pg.INT4RANGE, server_default="[1,5)")
    default_address = mapped_column(pg.INET, server_default="10.0.0.1")
    default_moment = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    default_uuid = mapped_column(sa.Uuid, server_default=sa.text("gen_random_uuid()"))
