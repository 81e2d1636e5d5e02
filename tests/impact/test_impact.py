"""check-impact: what a migration takes away, and which places of a small application use it.

``app`` is never imported: it is read. Every planted use has to be found at its place, every look-alike left alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbwarden import ImpactReport, check_impact, dialects
from dbwarden.cli.app import run as command
from dbwarden.core.file import parse
from dbwarden.errors import UnknownVersion, UsageError
from dbwarden.impact import removals, run
from dbwarden.impact.subject import Removal

APP = Path(__file__).parent / "app"
TABLES = """-- upgrade
CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(80) NOT NULL, phone VARCHAR(50));
CREATE TABLE vendors (id BIGINT PRIMARY KEY, phone VARCHAR(50) NOT NULL);
CREATE TABLE orders (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL);

-- rollback
DROP TABLE orders;
"""

PLANTED = [
    ("shop/models.py", 'telephone: Mapped[str | None] = mapped_column("phone"', "certain"),
    ("shop/models.py", 'ForeignKey("users.phone")', "certain"),
    ("shop/service.py", "return [user.telephone for user in session.scalars(", "certain"),
    ("shop/service.py", "select(User).where(User.telephone == number)", "certain"),
    ("shop/service.py", "user = User(name=given.name, telephone=", "certain"),
    ("shop/service.py", "update(models.User).filter_by(telephone=None)", "certain"),
    ("shop/service.py", "print(customer.customer.telephone)", "certain"),
    ("shop/service.py", 'insert(User.__table__).values([{"name"', "certain"),
    ("shop/service.py", 'insert(User), [{"telephone": "1"}]', "certain"),
    ("shop/service.py", 'getattr(user, "telephone")', "certain"),
    ("shop/raw.py", "u.phone AS number", "certain"),
    ("shop/raw.py", 'filter(text("phone IS NULL"))', "likely"),
    ("shop/raw.py", '"UPDATE users SET phone = NULL "', "certain"),
    ("queries/monthly.sql", "JOIN users ON users.phone = n.number", "certain"),
    ("shop/templates/profile.html", '<p>{{ user.telephone | default("no phone") }}</p>', "likely"),
]
LOOK_ALIKES = [
    ("shop/models.py", "phone: Mapped[str] = mapped_column(String(50))"),
    ("shop/models.py", "The phone number is of users.phone."),
    ("shop/schemas.py", "telephone: str"),
    ("shop/schemas.py", "phone: str"),
    ("shop/service.py", 'phone = "none"'),
    ("shop/service.py", "vendor.phone for vendor in"),
    ("shop/service.py", "as a contact: user.telephone."),
    ("shop/service.py", "schemas.Contact(phone=user.telephone)"),
    ("shop/service.py", 'print("select phone from users to go on")'),
    ("shop/service.py", '{"phone": contact.phone}'),
    ("shop/service.py", "# user.telephone would be users.phone"),
    ("shop/service.py", "select(Vendor).filter_by(phone=phone)"),
    ("shop/raw.py", "ON v.phone = 'phone'"),
    ("shop/raw.py", "SELECT phone FROM vendors"),
    ("shop/raw.py", "WHERE name = 'phone'"),
    ("queries/monthly.sql", "-- phone numbers"),
    ("queries/monthly.sql", "SELECT id, phone AS number FROM vendors"),
    ("queries/monthly.sql", "SELECT v.phone FROM vendors v"),
    ("shop/templates/profile.html", "{# user.telephone"),
    ("shop/templates/profile.html", "ask user.telephone for it"),
    ("shop/templates/profile.html", "{{ vendor.phone }}"),
]


class Project:
    """A project whose code is ``files`` and whose migrations are given as text."""

    def __init__(self, folder: Path, engine: str = "postgresql") -> None:
        self.folder, self.engine = folder, engine
        self.migrations = folder / "migrations" / "primary"
        self.migrations.mkdir(parents=True)
        url = "sqlite:///app.db" if engine == "sqlite" else "postgresql://nobody@localhost:1/none"
        (folder / "warden.py").write_text(
            "from dbwarden import database_config\n"
            f'primary = database_config(database_name="primary", default=True, database_type="{engine}",\n'
            f'    database_url_sync="{url}", model_paths=["app"])\n'
        )

    def migration(self, name: str, upgrade: str, rollback: str = "") -> None:
        (self.migrations / name).write_text(f"-- upgrade\n{upgrade}\n-- rollback\n{rollback}\n")

    def code(self, name: str, source: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)

    def check(self, version: str = "2", **options: object) -> ImpactReport:
        return check_impact(version, config=str(self.folder / "warden.py"), **options)  # type: ignore[arg-type]

    def places(self, version: str = "2") -> list[tuple[str, int, str]]:
        return [(use.file, use.line, use.confidence.value) for use in self.check(version).uses]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    (made.migrations / "0001_tables.sql").write_text(TABLES)
    made.migration("0002_drop_phone.sql", "ALTER TABLE users DROP COLUMN phone;")
    return made


MODELS = """
import enum
from sqlalchemy import Enum, ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
class Base(DeclarativeBase): ...
class Status(enum.Enum):
    ACTIVE = "active"
    GONE = "gone"
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[Status] = mapped_column(Enum(Status, name="status"))
"""


# -- the example application ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def searched() -> run.SearchResult:
    dialect = dialects.get("postgresql")
    drop = "-- upgrade\nALTER TABLE users DROP COLUMN phone;\n-- rollback\n"
    files = (
        parse("0001_tables.sql", TABLES, dialect.lexical_rules),
        parse("0002_drop.sql", drop, dialect.lexical_rules),
    )
    impact = removals.read(files[1], files, dialect)
    return run.search(impact, run.SearchFolders([APP], APP), run.sqlglot_dialect(dialect), dialect.lexical_rules)


@pytest.mark.parametrize(("file", "text", "sure"), PLANTED)
def test_planted_uses_are_found(searched: run.SearchResult, file: str, text: str, sure: str) -> None:
    uses = [use for use in searched.uses if use.file == file and text in use.text]
    assert [use.confidence.value for use in uses] == [sure]
    line = (APP / file).read_text().splitlines()[uses[0].line - 1]
    assert line[uses[0].column - 1 :].startswith(("phone", "telephone"))
    assert line.strip() == uses[0].text


@pytest.mark.parametrize(("file", "text"), LOOK_ALIKES)
def test_look_alikes_are_left_alone(searched: run.SearchResult, file: str, text: str) -> None:
    lines = [at for at, line in enumerate((APP / file).read_text().splitlines(), 1) if text in line]
    assert lines
    assert not [use for use in searched.uses if use.file == file and use.line in lines]


def test_nothing_else_is_reported(searched: run.SearchResult) -> None:
    assert len(searched.uses) == len(PLANTED)
    assert not searched.skipped_files


# -- what a migration takes away -----------------------------------------------------------------------------------


def taken(engine: str, *upgrades: str, rollback: str = "") -> list[tuple[str, str, str]]:
    dialect = dialects.get(engine)
    texts = [f"-- upgrade\n{sql}\n-- rollback\n" for sql in upgrades]
    texts[-1] += rollback
    files = [parse(f"{at:04d}_x.sql", text, dialect.lexical_rules) for at, text in enumerate(texts, 1)]
    return [(str(one.ref), one.removal.value, one.detail) for one in removals.read(files[-1], files, dialect).subjects]


REBUILD = """PRAGMA foreign_keys = OFF;
CREATE TABLE dbwarden_new_users (id INTEGER NOT NULL, {columns}, PRIMARY KEY (id));
INSERT INTO dbwarden_new_users (id, {into})
SELECT id, {source}
FROM users;
DROP TABLE users;
ALTER TABLE dbwarden_new_users RENAME TO users;
PRAGMA foreign_keys = ON;
"""
USERS = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT, phone TEXT);"


@pytest.mark.parametrize(
    ("columns", "into", "source", "expected"),
    [
        ("name TEXT", "name", "name", [("column users.phone", "dropped", "dropped")]),
        (
            "name TEXT, mobile TEXT",
            "name, mobile",
            "name, phone",
            [("column users.phone", "renamed", "renamed to mobile")],
        ),
        (
            "name TEXT NOT NULL, phone TEXT",
            "name, phone",
            "coalesce(name, ''), phone",
            [("column users.name", "narrowed", "no longer NULL")],
        ),
        ("name TEXT, phone TEXT, age INTEGER", "name, phone", "name, phone", []),
    ],
)
def test_a_rebuilt_table_is_compared_and_not_dropped(
    columns: str, into: str, source: str, expected: list[tuple[str, str, str]]
) -> None:
    sql = REBUILD.format(columns=columns, into=into, source=source)
    assert taken("sqlite", USERS, sql) == expected


def test_the_rollback_tells_what_no_earlier_file_does() -> None:
    up = REBUILD.format(columns="name TEXT", into="name", source="name")
    down = REBUILD.format(columns="name TEXT, phone TEXT", into="name", source="name")
    assert taken("sqlite", up, rollback=down) == [("column users.phone", "dropped", "dropped")]


@pytest.mark.parametrize(
    ("before", "sql", "expected"),
    [
        ("", "DROP TABLE IF EXISTS a, s.b CASCADE", [("table a", "dropped"), ("table s.b", "dropped")]),
        ("", "ALTER TABLE public.a RENAME TO b", [("table a", "renamed")]),
        ("", "ALTER TABLE ONLY a DROP x, DROP COLUMN IF EXISTS y", [("column a.x", "dropped"), ("column a.y", "dropped")]),
        ("", "ALTER TABLE a RENAME COLUMN x TO y; ALTER TABLE a RENAME TO b", [("table a", "renamed"), ("column a.x", "renamed")]),
        ("CREATE TABLE a (x varchar(50))", "ALTER TABLE a ALTER x TYPE varchar(20)", [("column a.x", "narrowed")]),
        ("CREATE TABLE a (x varchar(50))", "ALTER TABLE a ALTER x TYPE text", []),
        ("CREATE TABLE a (x integer)", "ALTER TABLE a ALTER x SET DATA TYPE bigint", []),
        ("CREATE TABLE a (x bigint)", "ALTER TABLE a ALTER x TYPE int USING x::int", [("column a.x", "narrowed")]),
        ("CREATE TABLE a (x numeric(10, 2))", "ALTER TABLE a ALTER x TYPE numeric(12, 4)", []),
        ("CREATE TABLE a (x numeric(10, 2))", "ALTER TABLE a ALTER x TYPE numeric(10, 4)", [("column a.x", "narrowed")]),
        ("CREATE TABLE a (x text NOT NULL)", "ALTER TABLE a ALTER x SET NOT NULL", []),
        ("", "ALTER TABLE a ALTER COLUMN x SET NOT NULL", [("column a.x", "narrowed")]),
        ("", "DROP INDEX CONCURRENTLY IF EXISTS i, j", [("index i", "dropped"), ("index j", "dropped")]),
        ("CREATE INDEX i ON a (x)", "DROP INDEX i; CREATE INDEX i ON a (y)", []),
        ("", "ALTER TYPE t RENAME VALUE 'x' TO 'y'", [("value t.x", "renamed")]),
        ("CREATE TYPE t AS ENUM ('x', 'y')", "ALTER TYPE t ADD VALUE 'z'", []),
        ("", "CREATE TABLE b (x int); CREATE INDEX i ON b (x); DROP TABLE b", []),
        ("", "ALTER TABLE a ADD COLUMN x int; UPDATE a SET x = 1", []),
        ("CREATE TABLE a (x text)", "ALTER TABLE a DROP x; ALTER TABLE a ADD COLUMN x integer", [("column a.x", "narrowed")]),
        (
            "CREATE TABLE a (x text, CONSTRAINT c CHECK (x IN ('p', 'q')))",
            "ALTER TABLE a DROP CONSTRAINT c; ALTER TABLE a ADD CONSTRAINT c CHECK (x IN ('p')) NOT VALID",
            [("value a.x.q", "dropped")],
        ),
        (
            "CREATE TYPE t AS ENUM ('x', 'y'); CREATE TABLE a (s t)",
            "ALTER TYPE t RENAME TO t_old; CREATE TYPE t AS ENUM ('x');"
            " ALTER TABLE a ALTER s TYPE t USING s::text::t; DROP TYPE t_old",
            [("value t.y", "dropped")],
        ),
        (
            "CREATE INDEX i ON a (x)",
            "ALTER TABLE a RENAME TO b; ALTER INDEX i RENAME TO j",
            [("table a", "renamed"), ("index a.i", "dropped")],
        ),
        ("", "ALTER TABLE a RENAME CONSTRAINT c TO d", [("constraint a.c", "dropped")]),
        ("", "ALTER TABLE a ADD CONSTRAINT c UNIQUE (x); ALTER TABLE a DROP CONSTRAINT c", []),
        ("", "ALTER/* it's */TABLE a -- (\n DROP/**/COLUMN\nx", [("column a.x", "dropped")]),
        (
            "CREATE TABLE a (x int, y int)",
            "CREATE TABLE b AS SELECT x AS z FROM a; DROP TABLE a; ALTER TABLE b RENAME TO a",
            [("column a.x", "renamed")],
        ),
        (
            "CREATE TYPE t AS ENUM ('x')",
            "ALTER TYPE t RENAME TO u; ALTER TYPE u RENAME VALUE 'x' TO 'y'",
            [("value t.x", "renamed")],
        ),
        (
            "CREATE TABLE a (x text CHECK (x IN ('p', 'q')))",
            "ALTER TABLE a RENAME x TO y; ALTER TABLE a DROP CONSTRAINT a_x_check, ADD CHECK (y IN ('q'))",
            [("column a.x", "renamed"), ("value a.x.p", "dropped"), ("constraint a.a_x_check", "dropped")],
        ),
    ],
)  # fmt: skip
def test_what_a_migration_takes_away(before: str, sql: str, expected: list[tuple[str, str]]) -> None:
    assert [(name, fate) for name, fate, _ in taken("postgresql", before, sql)] == expected


def test_a_copy_that_is_renamed_in_parts_is_what_it_was_copied_from() -> None:
    sql = REBUILD.format(columns="name TEXT, phone TEXT", into="name, phone", source="name, phone")
    renamed = [("column users.phone", "renamed", "renamed to mobile")]
    assert taken("sqlite", USERS, f"{sql}ALTER TABLE users RENAME COLUMN phone TO mobile;") == renamed


def test_names_of_sqlite_are_used_in_any_letter_case(tmp_path: Path) -> None:
    project = Project(tmp_path, "sqlite")
    project.migration("0001_tables.sql", "CREATE TABLE Users (Id INTEGER PRIMARY KEY, Phone TEXT);")
    project.migration("0002_drop_phone.sql", "ALTER TABLE users DROP COLUMN phone;")
    project.code("app/models.py", MODELS + "    phone: Mapped[str]\n")
    project.code("app/x.py", "from app.models import User\nx = User.phone\n")
    project.code("q.sql", "SELECT PHONE FROM USERS;\n")
    assert [use.object for use in project.check().uses] == ["column Users.Phone"] * 3


def test_a_type_that_no_file_knew_is_named_as_it_becomes() -> None:
    sql = "ALTER TABLE a ALTER x TYPE varchar(20)"
    assert taken("postgresql", sql) == [("column a.x", "narrowed", "type becomes VARCHAR(20)")]
    changes = taken("postgresql", sql, rollback="ALTER TABLE a ALTER x TYPE text;")
    assert changes == [("column a.x", "narrowed", "type TEXT becomes VARCHAR(20)")]


# -- Python --------------------------------------------------------------------------------------------------------


def test_models_may_already_be_those_after_the_migration(project: Project) -> None:
    project.code("app/models.py", MODELS)
    project.code("app/x.py", "from app.models import User\ndef f(user: User):\n    return user.phone\n")
    assert project.places() == [("app/x.py", 3, "certain")]


def test_an_attribute_that_is_something_else_is_no_use(project: Project) -> None:
    project.code("app/models.py", MODELS + "    @property\n    def phone(self):\n        return ''\n")
    project.code("app/x.py", "from app.models import User\ndef f(user: User):\n    return user.phone\n")
    assert project.places() == []


USES = """
from app.models import User
from app.tables import people
from sqlalchemy import select, text, func
from sqlalchemy.orm import aliased, load_only
"""


@pytest.mark.parametrize(
    ("source", "sure"),
    [
        ("def f(session):\n    u = session.get(User, 1)\n    return u.phone", "certain"),
        ("async def f(session):\n    u = (await session.execute(select(User))).scalars().first()\n    u.phone = 1", "certain"),
        ("def f(session):\n    return [u.phone for u in session.query(User).filter(User.id > 1).all()]", "certain"),
        ("def f(session):\n    for u, n in session.execute(select(User, func.count())):\n        print(u.phone)", "certain"),
        ("def f(session):\n    for n, u in session.execute(select(func.count(), User)):\n        print(u.phone)", "certain"),
        ("def f(session):\n    return session.execute(select(User)).one().User.phone", "certain"),
        ("def f(session):\n    return session.execute(select(User.phone)).one()[0]", "certain"),
        ("def f(users: list['User'] | None):\n    return users[0].phone", "certain"),
        ("def f(x):\n    if isinstance(x, User):\n        return x.phone", "certain"),
        ("A = aliased(User)\nB = select(A).where(A.phone == '1')", "certain"),
        ("S = select(people).where(people.c.phone == '1')", "certain"),
        ("S = people.c['phone']", "certain"),
        ("S = people.update().values(phone='1')", "certain"),
        ("class R:\n  def __init__(self, u: User):\n    self.u = u\n  def f(self):\n    return self.u.phone", "certain"),
        ("class R:\n    user: User\n    def f(self):\n        return self.user.phone", "certain"),
        ("def f(**data):\n    data = {'phone': '1'}\n    return User(**data)", "likely"),
        ("Q = select(User).order_by('phone')", "likely"),
        ("Q = select(User).options(load_only('phone'))", "likely"),
        ("def f(session):\n    r = session.execute(text('SELECT * FROM users'))\n    return User.phone", "certain"),
        ("def f(session):\n    for r in session.execute(text('SELECT phone AS p FROM users')):\n        print(r.p)", "certain"),
        ("def f(request):\n    return request.user.phone", "possible"),
        ("def f(current_user):\n    return current_user['phone']", "possible"),
        ("def f(user: dict):\n    return user.get('phone')", "possible"),
        ("Q = 'SELECT phone FROM users WHERE id = %s'", "likely"),
        ("def f(cur):\n    cur.execute('SELECT phone FROM users WHERE id = %(id)s', {})", "certain"),
        ("def f(cur, t):\n    cur.execute(f'SELECT u.phone FROM users u JOIN {t} x ON x.id = u.id')", "certain"),
        ("def f(cur):\n    cur.execute('SELECT phone FROM users JOIN unknown USING (id)')", "likely"),
        ("def f(cur):\n    cur.execute('SELECT phone FROM users WHERE id = {}'.format(1))", "certain"),
        ("def f(u: User):\n    return 'of ' + u.phone + '!'", "certain"),
        ("def f(s):\n    q = select(User)\n    q = q.order_by(1)\n    for u in s.scalars(q): u.phone", "certain"),
        ("def f(user: str):\n    return user.phone", None),
        ("def f(user):\n    user = {'phone': 1}\n    return user['phone']", None),
        ("def f(log):\n    log.info('SELECT phone FROM users')", None),
        ("def f():\n    phone = 1\n    return phone", None),
        ("import phonebook\ndef f(phone):\n    return phonebook.phone(phone=phone)", None),
    ],
)  # fmt: skip
def test_uses_in_python(project: Project, source: str, sure: str | None) -> None:
    project.code("app/models.py", MODELS)
    project.code("app/tables.py", "from sqlalchemy import Table\npeople = Table('users', None)\n")
    project.code("app/x.py", USES + source + "\n")
    assert [use.confidence.value for use in project.check().uses] == ([sure] if sure else [])


def test_a_class_of_the_same_name_elsewhere_is_another(project: Project) -> None:
    project.code("app/models.py", MODELS)
    project.code("app/forms.py", "class User:\n    phone = ''\n")
    project.code("app/__init__.py", "from .forms import User\n")
    project.code("app/x.py", "from app import User\ndef f(user: User):\n    return user.phone, User(phone=1)\n")
    assert project.places() == []


def test_what_a_function_of_another_module_returns(project: Project) -> None:
    project.code("app/models.py", MODELS)
    project.code("app/auth.py", "from .models import User\ndef current() -> User | None: ...\n")
    project.code("app/x.py", "from .auth import current\nme = current()\nif me:\n    print(me.phone)\n")
    assert project.places() == [("app/x.py", 4, "certain")]


def test_the_place_of_a_word_that_stands_in_a_text_twice(project: Project) -> None:
    project.code("app/models.py", MODELS)
    project.code(
        "app/x.py", "cur.execute('SELECT v.phone, u.phone'\n    ' FROM vendors v, users u WHERE v.phone = u.phone')\n"
    )
    assert [(use.line, use.column) for use in project.check().uses] == [(1, 32), (2, 49)]


def test_modules_that_import_each_other(project: Project) -> None:
    project.code("app/models.py", MODELS)
    project.code(
        "app/a.py",
        "from app.models import User\nfrom app.b import there\nhere = there\nprint(User.phone, here.phone)\n",
    )
    project.code("app/b.py", "from app.a import here\nthere = here\n")
    report = project.check()
    assert [(use.file, use.line) for use in report.uses] == [("app/a.py", 4)]
    assert not report.skipped_files


def test_modules_as_people_write_them(project: Project) -> None:
    project.code(
        "app/models.py", MODELS.replace("    name: Mapped[str]\n", "    name = short()\n    phone = _Column(String)\n")
    )
    project.code("old/models.py", MODELS)
    project.code(
        "app/x.py",
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from app import models\nelse:\n    models = lazy('app.models')\n"
        "def f(user: 'models.User', session):\n"
        "    print(user.phone)\n"
        "    try:\n        found = session.get(models.User, 1)\n    except KeyError:\n        found = None\n"
        "    return found.phone if found else None\n",
    )
    assert [place[:2] for place in project.places()] == [("app/models.py", 13), ("app/x.py", 7), ("app/x.py", 12)]


def test_values_of_enumerations(project: Project) -> None:
    project.migration(
        "0003_status.sql", "CREATE TYPE status AS ENUM ('active', 'gone'); ALTER TABLE users ADD status status;"
    )
    project.migration("0004_less.sql", "ALTER TYPE status RENAME VALUE 'gone' TO 'left';")
    project.code("app/models.py", MODELS)
    project.code(
        "app/x.py",
        "from app.models import Status, User\n"
        "a = User(status='gone')\n"
        "b = User.status == 'gone'\n"
        "c = User.status.in_(['active', 'gone'])\n"
        "d = Status.GONE\n"
        "e = 'gone'\n"
        "f = User.name == 'gone'\n",
    )
    project.code("q.sql", "SELECT 1 FROM users WHERE status = 'gone';\nSELECT 1 FROM users WHERE name = 'gone';\n")
    expected = [("app/models.py", 8), *(("app/x.py", line) for line in (2, 3, 4, 5)), ("q.sql", 1)]
    assert [(file, line) for file, line, _ in project.places("4")] == expected


def test_tables_and_indexes(project: Project) -> None:
    project.migration("0003_index.sql", "CREATE INDEX ix_name ON users (name);")
    project.migration("0004_all.sql", "DROP INDEX ix_name; DROP TABLE orders;")
    project.code(
        "app/x.py",
        "from sqlalchemy import Index, text, ForeignKey, Column\n"
        "from app.y import Order\n"
        "i = Index('ix_name', 'name')\n"
        "t = text('SELECT /*+ IndexScan(users ix_name) */ 1 FROM users')\n"
        "c = Column(ForeignKey('orders.id'))\n"
        "orders = [Order()]\n",
    )
    project.code("app/y.py", "class Order(Base):\n    __tablename__ = 'orders'\n    id = mapped_column()\n")
    project.code("q.sql", "SELECT * FROM orders o;\nREINDEX INDEX ix_name;\nSELECT orders FROM users;\n")
    expected = [("app/x.py", line) for line in (3, 4, 5, 6)] + [("app/y.py", 1), ("q.sql", 1), ("q.sql", 2)]
    assert [(file, line) for file, line, _ in project.places("4")] == expected


def test_sql_in_bodies_and_what_does_not_parse(project: Project) -> None:
    project.code(
        "f.sql",
        "CREATE FUNCTION f() RETURNS trigger AS $$\nBEGIN\n  UPDATE users SET phone = NULL;\n  RETURN NEW;\n"
        "END $$ LANGUAGE plpgsql;\n"
        "SELECT phone FROM users u ORDER BY;\nINSERT INTO users VALUES (1, 2, 3);\n",
    )
    assert project.places() == [("f.sql", 3, "certain"), ("f.sql", 6, "possible"), ("f.sql", 7, "likely")]


# -- files and the command -----------------------------------------------------------------------------------------


def test_a_file_that_is_no_python_is_named_and_stops_nothing(project: Project) -> None:
    project.code("app/models.py", MODELS + "raise SystemExit('imported')\n")
    project.code("app/broken.py", "user.phone = (\n# of a User in users\n")
    project.code("q.sql", "SELECT phone FROM users;\n")
    report = project.check()
    assert [use.file for use in report.uses] == ["q.sql"]
    assert [note.file for note in report.skipped_files] == ["app/broken.py"]


def test_folders_that_hold_nobody_s_source_are_left_out(project: Project) -> None:
    for folder in (".git", ".venv", "node_modules", "__pycache__", "env/lib", "migrations/primary/old"):
        project.code(f"{folder}/x.sql", "SELECT phone FROM users;\n")
    project.code("env/pyvenv.cfg", "")
    (project.folder / "binary.sql").write_bytes(b"SELECT phone FROM users;\0")
    project.code("huge.sql", "SELECT phone FROM users;\n" + " " * 2_000_001)
    report = project.check()
    assert not report.uses
    assert [note.file for note in report.skipped_files] == ["huge.sql"]


def test_models_outside_of_the_scanned_path_are_known(project: Project) -> None:
    project.code("app/models.py", MODELS + "    phone: Mapped[str]\n")
    project.code("web/x.py", "from app.models import User\nx = User(phone=1)\n")
    report = project.check(scan_paths=[project.folder / "web"])
    assert [(use.file, use.line) for use in report.uses] == [("web/x.py", 2)]
    with pytest.raises(UsageError):
        project.check(scan_paths=["nowhere"])


def test_unknown_versions_are_named_with_the_nearest(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnknownVersion, match="0002_drop_phone"):
        project.check("7")
    assert command(["check-impact", "7", "--config", str(project.folder / "warden.py")]) == 2
    assert "0002_drop_phone" in capsys.readouterr().err


def test_the_command(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.code("app/q.sql", "SELECT 1,\n  phone FROM users;\n")
    arguments = ["check-impact", "0002", "--config", str(project.folder / "warden.py")]
    assert command(arguments) == 0
    text = capsys.readouterr().out
    assert "0002_drop_phone.sql takes away:\n  column users.phone  dropped  1 use\n" in text
    assert "app/q.sql:2:3: certain: column users.phone: SQL names the column\n    phone FROM users;\n" in text
    assert command([*arguments, "--exit-code", "--out", "json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert document["affected"] == [
        {
            "object": "column users.phone",
            "kind": "column",
            "change": Removal.DROPPED.value,
            "detail": "dropped",
            "uses": 1,
        }
    ]
    assert document["uses"][0]["confidence"] == "certain"
    assert command(["check-impact", "1", "--exit-code", "--config", str(project.folder / "warden.py")]) == 0
    assert "drops, renames and narrows nothing" in capsys.readouterr().out
