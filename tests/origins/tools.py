"""Projects of other migration tools, with a database that the tool itself has built where it is installed; else with the tables
that it makes."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from dbwarden.core.url import Url
from tests.servers import engine_url
from tests.support.project import Project

TRADE = """
CREATE TABLE customers (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(100) NOT NULL UNIQUE);
CREATE TABLE invoices (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    total NUMERIC(10, 2) DEFAULT 0 NOT NULL);
CREATE INDEX ix_invoices_total ON invoices (total);
"""


@dataclass(frozen=True)
class Tool:
    """A project of a tool in a folder, on a database."""

    folder: Path
    url: str

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *argv: str, **more: str) -> str:
        """A Python program of the project."""
        done = subprocess.run(
            [sys.executable, *argv], cwd=self.folder, text=True, check=False, timeout=60, env={**os.environ, **more},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def execute(self, sql: str) -> None:
        Project(self.folder, self.url).execute(sql)

    def rows(self, table: str) -> list[tuple[object, ...]]:
        engine = sa.create_engine(engine_url(self.url), poolclass=sa.NullPool)
        with engine.connect() as connection:
            rows = sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))
        engine.dispose()
        return rows

    def digests(self) -> dict[str, str]:
        """Contents of all files of the project, but those that running it leaves."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.folder)): sha256(path.read_bytes()).hexdigest()
            for path in files
            if "__pycache__" not in path.parts and path.suffix not in (".db", ".sqlite3")
        }


MODELS = """
from sqlalchemy import ForeignKey, Index, String
from app.db import Base
from sqlalchemy.orm import Mapped, mapped_column

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(100), unique=True, comment="where invoices go")

class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    __table_args__ = (Index("ix_posts_user", "user_id"),)
"""
FIRST = '''
"""first"""
from alembic import op
import sqlalchemy as sa

revision: str = "aaaa00000001"
down_revision: str | None = None

def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer(), nullable=False), sa.Column("email", sa.String(100), nullable=False,
        comment="where invoices go"), sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("email"))

def downgrade() -> None:
    op.drop_table("users")
'''
SECOND = '''
"""second"""
from alembic import op
import sqlalchemy as sa

revision = "aaaa00000002"
down_revision = "aaaa00000001"

def upgrade():
    op.create_table("posts", sa.Column("id", sa.Integer(), nullable=False), sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"), sa.PrimaryKeyConstraint("id"))
    op.create_index("ix_posts_user", "posts", ["user_id"])
    op.create_table("audit", sa.Column("id", sa.Integer(), nullable=False, primary_key=True))
    op.execute("CREATE VIEW emails AS SELECT email FROM users")
    if op.get_bind().dialect.name == "postgresql":  # what no model says
        op.execute("ALTER TABLE users SET (fillfactor = 80)")
        op.execute("COMMENT ON TABLE posts IS 'by people'")
        op.execute("CREATE EXTENSION citext")

def downgrade():
    op.drop_table("posts")
'''


def alembic_project(folder: Path, url: str, *, upgrade: bool = True) -> Tool:
    """The layout of most applications: a base in one module, models in another that env.py imports for its effect."""
    tool = Tool(folder, url)
    tool.write("app/__init__.py", "")
    tool.write("app/db.py", "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n")
    tool.write("app/models.py", MODELS)
    with contextlib.redirect_stdout(io.StringIO()):
        command.init(Config(str(folder / "alembic.ini")), str(folder / "alembic"))
    ini = folder / "alembic.ini"
    escaped = engine_url(url).replace("%", "%%")
    ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", escaped))
    env = folder / "alembic" / "env.py"
    models = "from app.db import Base\nimport app.models  # noqa: F401\ntarget_metadata = Base.metadata"
    env.write_text(env.read_text().replace("target_metadata = None", models))
    tool.write("alembic/versions/1_first.py", FIRST)
    tool.write("alembic/versions/2_second.py", SECOND)
    if upgrade:
        tool.run("-m", "alembic", "upgrade", "head")
    return tool


_BACKENDS = {"sqlite": "sqlite3", "postgresql": "postgresql", "mysql": "mysql"}


def django_project(folder: Path, url: str) -> Tool:
    """A project with an app of its own beside Django's, and the password in a variable of the environment."""
    url = f"sqlite:///{folder}/shop.sqlite3" if url.startswith("sqlite") else url
    tool, parsed = Tool(folder, url), Url.parse(url)
    database = {"ENGINE": f"django.db.backends.{_BACKENDS[parsed.scheme]}", "NAME": parsed.database}
    if parsed.host:
        database |= {"USER": parsed.username, "HOST": parsed.host, "PORT": str(parsed.port)}
    fields = "".join(f'        "{key}": {value!r},\n' for key, value in database.items())
    if parsed.scheme == "sqlite":
        fields = fields.replace(repr(parsed.database), 'BASE_DIR / "shop.sqlite3"')
    tool.write(
        "manage.py",
        "import os, sys\n\n"
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.production")\n'
        "from django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
    )
    tool.write("shop/__init__.py", "")
    tool.write("shop/settings/__init__.py", "")
    tool.write(
        "shop/settings/base.py",
        "import os\nfrom pathlib import Path\n\nBASE_DIR = Path(__file__).resolve().parent.parent.parent\n"
        'SECRET_KEY = "x"\nINSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "orders"]\n'
        'DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"\n'
        'DATABASES = {\n    "default": {\n' + fields + '        "PASSWORD": os.environ.get("DB_PASSWORD", ""),\n'
        '        "OPTIONS": dict(),\n    }\n}\n',
    )
    tool.write("shop/settings/production.py", "from .base import *\n\nDEBUG = False\n")
    tool.write("orders/__init__.py", "")
    tool.write(
        "orders/models.py",
        "from django.conf import settings\nfrom django.db import models\n\n\nclass Order(models.Model):\n"
        '    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="orders")\n'
        "    total = models.DecimalField(max_digits=10, decimal_places=2, default=0)\n"
        "    note = models.TextField(blank=True)\n\n"
        '    class Meta:\n        indexes = [models.Index(fields=["total"], name="order_total")]\n'
        '        constraints = [models.CheckConstraint(condition=models.Q(total__gte=0), name="order_positive")]\n',
    )
    tool.run("manage.py", "makemigrations", "orders", DB_PASSWORD=parsed.password or "")
    tool.run("manage.py", "migrate", DB_PASSWORD=parsed.password or "")
    return tool


def yoyo_project(folder: Path, url: str, *, apply: bool = True) -> Tool:
    """Migrations as SQL and as Python."""
    tool = Tool(folder, url)
    scheme = {"postgresql": "postgresql+psycopg", "mysql": "mysql"}.get(url.partition(":")[0], "sqlite")
    written = f"{scheme}:{url.partition(':')[2]}".replace("%", "%%")
    tool.write("yoyo.ini", f"[DEFAULT]\nsources = %(here)s/changes\ndatabase = {written}\nbatch_mode = on\n")
    statements = TRADE.strip().split(";\n")
    tool.write("changes/0001.customers.sql", statements[0] + ";\n")
    tool.write("changes/0001.customers.rollback.sql", "DROP TABLE customers;\n")
    rest = "".join(f"    step({sql.strip()!r}),\n" for sql in statements[1:] if sql.strip(";\n"))
    tool.write("changes/0002.invoices.py", f"from yoyo import step\n\nsteps = [\n{rest}]\n")
    if apply:
        tool.run("-m", "yoyo", "apply")
    return tool


def dbmate_project(folder: Path, url: str) -> Tool:
    """The table as dbmate 2 makes it (dbmate's ``pkg/driver``)."""
    tool = Tool(folder, url)
    first, second = "20240101000000_customers.sql", "20240202000000_invoices.sql"
    for name in (first, second):
        tool.write(f"db/migrations/{name}", "-- migrate:up\n\n-- migrate:down\n")
    key = "varchar(128)" if not url.startswith("mysql") else "varchar(255)"
    tool.execute(TRADE)
    tool.execute(f"CREATE TABLE schema_migrations (version {key} PRIMARY KEY)")
    tool.execute("INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240202000000')")
    tool.write(".env", f'# where the data is\nexport DATABASE_URL="{url}"\n')
    return tool


FLYWAY_TABLE = """
CREATE TABLE flyway_schema_history (installed_rank INTEGER NOT NULL PRIMARY KEY, version VARCHAR(50),
    description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER,
    installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL);
"""


def flyway_checksum(text: str) -> int:
    """CRC-32 of the lines without their ends, as Java's signed integer."""
    value = crc32(text.replace("\r\n", "\n").replace("\n", "").encode())
    return value - 2**32 if value >= 2**31 else value


def flyway_project(folder: Path, url: str) -> Tool:
    """The table as Flyway makes it, with the checksums of the scripts."""
    tool, parsed = Tool(folder, url), Url.parse(url)
    scripts = {
        "V1__customers.sql": "create customers;\n",
        "V1.1__invoices.sql": "create invoices;\n-- ä\n",
        "R__views.sql": "a\n",
    }
    for name, text in scripts.items():
        tool.write(f"sql/{name}", text)
    tool.execute(TRADE)
    tool.execute(FLYWAY_TABLE)
    rows = [
        (1, "'1'", "customers", "V1__customers.sql"),
        (2, "'1.1'", "invoices", "V1.1__invoices.sql"),
        (3, "NULL", "views", "R__views.sql"),
    ]
    for rank, version, description, script in rows:
        tool.execute(
            "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by,"
            f" execution_time, success) VALUES ({rank}, {version}, '{description}', 'SQL', '{script}',"
            f" {flyway_checksum(scripts[script])}, 'app', 3, {'TRUE' if not url.startswith('sqlite') else 1})"
        )
    server = f"//{parsed.host}:{parsed.port}/" if parsed.host else ""
    tool.write(
        "flyway.toml",
        f'[environments.default]\nurl = "jdbc:{parsed.scheme}:{server}{parsed.database}"\n'
        + (f'user = "{parsed.username}"\npassword = "{parsed.password}"\n' if parsed.host else "")
        + '\n[flyway]\nlocations = ["filesystem:sql"]\n',
    )
    return tool
