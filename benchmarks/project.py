"""Makes the projects that are measured: the same models for DBWarden, for Alembic and for the floor script."""

from __future__ import annotations

from pathlib import Path

ALEMBIC_ENV = """
from alembic import context
from sqlalchemy import create_engine, pool
from app.models import Base
engine = create_engine("{url}", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""

ALEMBIC_TEMPLATE = '''
"""${message}"""
from alembic import op
import sqlalchemy as sa
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
def upgrade():
    ${upgrades if upgrades else "pass"}
def downgrade():
    ${downgrades if downgrades else "pass"}
'''

ALEMBIC_REVISION = '''
from alembic import op
revision = "{key}"
down_revision = {parent}
branch_labels = None
depends_on = None
def upgrade():
    op.execute("""{sql}""")
def downgrade():
    op.execute("""{back}""")
'''


DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
"""SQLAlchemy's names of the drivers that all three use."""
OF_ALEMBIC = frozenset(("sqlite", *DRIVERS))
"""The engines that Alembic knows."""


def with_driver(url: str) -> str:
    """``url`` with its driver, as SQLAlchemy needs it."""
    scheme, rest = url.split("://", 1)
    return f"{scheme}+{DRIVERS[scheme]}://{rest}" if scheme in DRIVERS else url


def write_models(folder: Path, tables: int, extra_column: bool = False) -> None:
    """``tables`` tables of 12 columns, 2 indexes, 1 foreign key and 1 unique constraint each."""
    lines = [
        "from datetime import datetime",
        "from decimal import Decimal",
        "from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Integer, Numeric, String, Text, UniqueConstraint, func",
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column",
        "class Base(DeclarativeBase): pass",
    ]
    for at in range(tables):
        parent = f"t{at - 1:04}" if at else "t0000"
        lines.append(f'''
class T{at:04}(Base):
    __tablename__ = "t{at:04}"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2), server_default="0")
    quantity: Mapped[int] = mapped_column(Integer, server_default="1")
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(DateTime)
    region: Mapped[str | None] = mapped_column(String(2))
    note: Mapped[str | None] = mapped_column(String(255))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("{parent}.id", name="fk_t{at:04}_parent"))
    __table_args__ = (
        UniqueConstraint("code", "region", name="uq_t{at:04}_code"),
        Index("ix_t{at:04}_title", "title"),
        Index("ix_t{at:04}_created", "created_at", "active"),
    )''')
    if extra_column:
        lines.append("    one_more: Mapped[str | None] = mapped_column(String(20))")
    (folder / "app").mkdir(parents=True, exist_ok=True)
    (folder / "app" / "__init__.py").write_text("")
    (folder / "app" / "models.py").write_text("\n".join(lines) + "\n")


def declare_objects(folder: Path, count: int) -> None:
    """``count`` views and ``count`` functions beside the tables, each view with a call of a function."""
    lines = ["from dbwarden.objects import Function, View"]
    for at in range(count):
        lines += [
            f'Function("plus_{at:04}(n integer)", "RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n + {at} $$",'
            " metadata=Base.metadata)",
            f'View("v{at:04}", "SELECT id, code, plus_{at:04}(quantity) AS more FROM t{at:04} WHERE active",'
            " metadata=Base.metadata)",
        ]
    with (folder / "app" / "models.py").open("a") as models:
        models.write("\n".join(lines) + "\n")


def write_project(folder: Path, url: str, engine: str) -> None:
    """Configuration of both tools for one database each: DBWarden's ``url``, Alembic's with ``alembic`` in its name."""
    (folder / "warden.py").write_text(
        "from dbwarden import database_config\n"
        f'primary = database_config(database_name="primary", default=True, database_type="{engine}",\n'
        f'    database_url_sync="{url}", model_paths=["app.models"])\n'
    )
    scripts = folder / "alembic"
    (scripts / "versions").mkdir(parents=True, exist_ok=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = alembic\nprepend_sys_path = .\n")
    (scripts / "env.py").write_text(ALEMBIC_ENV.format(url=alembic_url(url)))
    (scripts / "script.py.mako").write_text(ALEMBIC_TEMPLATE)


def alembic_url(url: str) -> str:
    """The URL of Alembic's own database, with the driver spelled out as SQLAlchemy needs it."""
    return with_driver(url.replace("warden_bench", "alembic_bench"))


def small_statement(at: int) -> tuple[str, str]:
    """The upgrade and rollback of one small migration."""
    return f"CREATE TABLE small_{at:05} (id INTEGER PRIMARY KEY, name VARCHAR(20))", f"DROP TABLE small_{at:05}"


def write_seed(folder: Path, statements: int) -> int:
    """A migration of so many single INSERTs; the size of the file in bytes."""
    path = folder / "migrations" / "primary" / "0002_seed.sql"
    rows = (
        f"INSERT INTO small_00001 (id) VALUES ({at}); -- {'a line as long as they are in dumps ' * 2}\n"
        for at in range(statements)
    )
    path.write_text(f"-- upgrade\n{''.join(rows)}\n-- rollback\nDELETE FROM small_00001;\n")
    return path.stat().st_size


def write_small_files(folder: Path, count: int, alembic: bool = True) -> None:
    """``count`` migrations of one statement each, for both tools."""
    target = folder / "migrations" / "primary"
    target.mkdir(parents=True, exist_ok=True)
    for at in range(1, count + 1):
        sql, back = small_statement(at)
        (target / f"{at:04}_small.sql").write_text(f"-- upgrade\n{sql};\n\n-- rollback\n{back};\n")
        if alembic:
            parent = f'"r{at - 1:05}"' if at > 1 else "None"
            text = ALEMBIC_REVISION.format(key=f"r{at:05}", parent=parent, sql=sql, back=back)
            (folder / "alembic" / "versions" / f"r{at:05}_small.py").write_text(text)
