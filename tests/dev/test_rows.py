"""The user's own models on the dev database: rows go in and come out through the ORM, and what must be refused is."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib.util
import uuid
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import dbwarden
from tests.dev.project import DevProject

MODELS = """
import datetime as dt, decimal, enum, uuid
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Mood(enum.Enum):
    happy = "happy"
    sad = "sad"


class Points(sa.types.TypeDecorator):
    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(pg.POINT() if dialect.name == "postgresql" and hasattr(pg, "POINT") else sa.Text())


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    token: Mapped[uuid.UUID] = mapped_column(sa.Uuid, server_default=sa.text("gen_random_uuid()"))
    email: Mapped[str] = mapped_column(sa.String(120), unique=True)
    mood: Mapped[Mood] = mapped_column(sa.Enum(Mood, name="mood"), server_default="happy")
    settings: Mapped[dict] = mapped_column(pg.JSONB, server_default=sa.text("'{}'::jsonb"))
    anything: Mapped[object] = mapped_column(sa.JSON, nullable=True)
    tags: Mapped[list] = mapped_column(pg.ARRAY(sa.Text).with_variant(sa.JSON, "sqlite"), server_default="{a,b}")
    price: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(10, 2, asdecimal=False), server_default="1.50")
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    until: Mapped[dt.datetime] = mapped_column(sa.DateTime, server_default=sa.text("now() + interval '2 days'"))
    day: Mapped[dt.date] = mapped_column(sa.Date, server_default=sa.func.current_date())
    hour: Mapped[dt.time] = mapped_column(sa.Time, nullable=True)
    lasts: Mapped[dt.timedelta] = mapped_column(sa.Interval, nullable=True)
    active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())
    blob: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=True)
    digits: Mapped[str] = mapped_column(sa.String(20), nullable=True)
    address: Mapped[str] = mapped_column(pg.INET, nullable=True)
    name: Mapped[str] = mapped_column(pg.CITEXT, nullable=True, unique=True)
    ratio: Mapped[float] = mapped_column(sa.Double, nullable=True)
    place: Mapped[str] = mapped_column(Points, nullable=True)
    posts: Mapped[list["Post"]] = relationship(back_populates="author")
    __table_args__ = (
        sa.CheckConstraint("char_length(email) > 2", name="email_long"),
        sa.Index("ix_active_email", sa.func.lower(email), unique=True, postgresql_where=sa.text("active")),
        sa.Index("ix_settings", "settings", postgresql_using="gin"),
    )


class Log(Base):
    __tablename__ = "log"
    __table_args__ = {"schema": "audit"}
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(unique=True)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid.uuid4)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    author: Mapped[User] = relationship(back_populates="posts")


metadata = Base.metadata
"""

GIVEN = {
    "email": "ann@example.org",
    "settings": {"a": [1, {"b": None}]},
    "anything": 12345678901234567890123,
    "tags": ["x", "y z"],
    "price": 12.34,
    "created": dt.datetime(2024, 2, 29, 12, 30, 1, 5),
    "until": dt.datetime(1999, 12, 31, 23, 59, 59),
    "day": dt.date(2024, 2, 29),
    "hour": dt.time(23, 59, 1),
    "lasts": dt.timedelta(days=3, seconds=7),
    "active": False,
    "blob": b"\x00\xff",
    "digits": "00042",
    "address": "10.0.0.1",
    "name": "Ann",
    "ratio": 0.1,
    "place": "1",
}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev_models", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    project = DevProject(tmp_path)
    project.models(MODELS)
    project.generate()
    project.migrate()
    return load(tmp_path / "models_1.py")


@pytest.fixture
def engine(module: ModuleType, tmp_path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'development.db'}", poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", lambda conn, _: conn.execute("PRAGMA foreign_keys = ON"))
    return engine


def test_values_come_back_as_they_went_in(module: ModuleType, engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add(module.User(token=(token := uuid.uuid4()), mood=module.Mood.sad, **GIVEN))
        session.commit()
        user = session.scalars(sa.select(module.User).where(module.User.token == token)).one()
        assert user.id == 1 and user.mood is module.Mood.sad
        assert {name: getattr(user, name) for name in GIVEN} == GIVEN
        assert session.scalars(sa.select(module.User.id).where(module.User.name == "ann")).one() == 1
        assert (
            session.scalars(sa.select(module.User.id).where(module.User.created < dt.datetime(2025, 1, 1))).one() == 1
        )


def test_defaults_of_the_server(module: ModuleType, engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add_all([module.User(email=f"{name}@example.org") for name in ("ann", "bob")])
        session.commit()
        ann, bob = session.scalars(sa.select(module.User).order_by(module.User.id))
        assert (ann.id, bob.id) == (1, 2)
        assert ann.token != bob.token and ann.token.version == 4 and session.get(module.User, 2) is bob
        assert session.scalars(sa.select(module.User.id).where(module.User.token == bob.token)).one() == 2
        assert ann.settings == {} and ann.tags == ["a", "b"] and ann.mood is module.Mood.happy
        assert ann.active is True and ann.price == decimal.Decimal("1.5")
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        assert abs(ann.created - now) < dt.timedelta(minutes=5)
        assert abs(ann.until - now - dt.timedelta(days=2)) < dt.timedelta(minutes=5)
        assert abs(ann.day - now.date()) <= dt.timedelta(days=1)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO users (email) VALUES ('ann@example.org')",
        "INSERT INTO users (email) VALUES ('ANN@example.org')",
        "INSERT INTO users (email, name) VALUES ('x@example.org', 'ANN')",
        "INSERT INTO users (email, mood) VALUES ('y@example.org', 'angry')",
        "INSERT INTO users (email) VALUES ('z')",
        "INSERT INTO users (id) VALUES (7)",
        "INSERT INTO posts (id, author_id) VALUES ('1', 99)",
    ],
    ids=["unique", "unique expression", "citext", "enum", "check", "not null", "foreign key"],
)
def test_what_production_refuses_is_refused(statement: str, module: ModuleType, engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add(module.User(email="ann@example.org", name="Ann"))
        session.commit()
        with pytest.raises(IntegrityError):
            session.execute(sa.text(statement))


def test_partial_index_lets_inactive_rows_through(module: ModuleType, engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add(module.User(email="ann@example.org"))
        session.add(module.User(email="ANN@example.org", active=False))
        session.commit()


def test_relations(module: ModuleType, engine: sa.Engine) -> None:
    with Session(engine) as session:
        user = module.User(email="ann@example.org", posts=[module.Post(), module.Post()])
        session.add(user)
        session.commit()
        assert len(session.scalars(sa.select(module.User)).one().posts) == 2
        session.execute(sa.delete(module.User))
        assert session.scalars(sa.select(module.Post)).all() == []


def test_tables_of_a_schema(module: ModuleType, engine: sa.Engine) -> None:
    dbwarden.use_dev_database(engine, module.metadata)
    with Session(engine) as session:
        session.add(module.User(email="ann@example.org"))
        session.flush()
        session.add(module.Log(user_id=1, text="see audit.log"))
        session.commit()
        join = sa.select(module.Log.text, module.User.email).join(module.User, module.User.id == module.Log.user_id)
        assert session.execute(join.where(module.Log.id == 1)).all() == [("see audit.log", "ann@example.org")]
        session.execute(sa.update(module.Log).values(text=sa.literal_column("'audit.log'")))
        assert session.scalars(sa.select(module.Log)).one().text == "audit.log"
        assert session.scalar(sa.text("SELECT count(*) FROM audit.log AS log WHERE log.text = 'audit.log'")) == 1
        session.add(module.Log(user_id=1, text="audit.log"))
        with pytest.raises(IntegrityError):
            session.flush()
