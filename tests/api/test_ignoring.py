"""Settings ``ignore_*``: an object that one covers is neither listed, nor compared, nor dropped."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions
from dbwarden.api.connection import connect
from dbwarden.core.ignore import Ignored
from dbwarden.core.model import Definition, Schema, Table
from dbwarden.core.types import Expression
from dbwarden.errors import Unsupported
from tests.support.project import Project

MODELS = """
from sqlalchemy import *
from dbwarden.objects import *
metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer, nullable=False){member})
"""

COMMON = {
    "ignore_constraints=['dba_*']": (
        "ALTER TABLE t ADD CONSTRAINT dba_one CHECK (a > 0)",
        ", CheckConstraint('a > 1', name='dba_one')",
    ),
    "ignore_roles=['{name}']": ("CREATE ROLE {name}_other", "Role('{name}', metadata=metadata)"),
    "ignore_grantees=['{name}*']": (
        "CREATE ROLE {name}; GRANT SELECT ON t TO {name}",
        "Grant('INSERT', on=t, to='{name}', metadata=metadata)\n"
        "Membership('{name}_other', to='{name}', metadata=metadata)",
    ),
}
SETTINGS = {
    "postgresql": {
        **COMMON,
        "ignore_extensions=['hs*']": (
            "CREATE EXTENSION hstore", "Extension('hstore', metadata=metadata)",
        ),
        "ignore_triggers=['dba_*']": (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;"
            "CREATE TRIGGER dba_one BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();"
            "CREATE RULE dba_two AS ON DELETE TO t DO INSTEAD NOTHING",
            "Trigger('dba_one', 'BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()', metadata=metadata)\n"
            "Rule('dba_two', 'AS ON DELETE TO t DO ALSO NOTHING', metadata=metadata)",
        ),
        "ignore_triggers=['dba_?ne']": (
            "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;"
            "CREATE EVENT TRIGGER dba_one ON ddl_command_end EXECUTE FUNCTION f()",
            "EventTrigger('dba_one', 'ON ddl_command_start EXECUTE FUNCTION f()', metadata=metadata)",
        ),
        "ignore_policies=['dba_*']": (
            "CREATE POLICY dba_one ON t USING (true)", "Policy('dba_one', on=t, using='a = 1', metadata=metadata)",
        ),
        "ignore_statistics=['dba_*']": (
            "CREATE STATISTICS dba_one ON id, a FROM t",
            "Statistics('dba_one', ('id', 'a'), on=t, kinds=('ndistinct',), metadata=metadata)",
        ),
        "ignore_collations=['dba_*']": (
            "CREATE COLLATION dba_one (LOCALE = 'C')", "Collation('dba_one', locale='POSIX', metadata=metadata)",
        ),
        "ignore_text_search=['dba_*']": (
            "CREATE TEXT SEARCH DICTIONARY dba_one (TEMPLATE = simple);"
            "CREATE TEXT SEARCH CONFIGURATION dba_two (PARSER = default)",
            "TextSearchDictionary('dba_one', 'snowball', options={'language': 'english'}, metadata=metadata)\n"
            "TextSearchConfiguration('dba_two', {'word': 'simple'}, metadata=metadata)",
        ),
        "ignore_publications=['dba_*']": (
            "CREATE PUBLICATION dba_one FOR TABLE t", "Publication('dba_one', publish='insert', metadata=metadata)",
        ),
    },
    "mysql": {
        **COMMON,
        "ignore_triggers=['dba_*']": (
            "CREATE TRIGGER dba_one BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = 1",
            "Trigger('dba_one', 'BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = 2', metadata=metadata)",
        ),
        "ignore_events=['dba_*']": (
            "CREATE EVENT dba_one ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' DO DELETE FROM t",
            "Event('dba_one', \"ON SCHEDULE EVERY 2 DAY STARTS '2030-01-01 03:00:00' DO DELETE FROM t\", metadata=metadata)",
        ),
    },
    "clickhouse": {
        "ignore_named_collections=['{name}']": (
            "CREATE NAMED COLLECTION {name} AS url = 'http://localhost'",
            "NamedCollection('{name}', \"url = 'http://localhost', region = 'eu'\", metadata=metadata)",
        ),
    },
}  # fmt: skip
"""By engine and setting: what is in the database, and what the models declare of the same name."""


@pytest.fixture
def name(project: Project) -> Iterator[str]:
    """A name for what belongs to the whole server, dropped afterwards."""
    name = f"r{secrets.token_hex(4)}"
    yield name
    with connect(project.url) as conn:
        if project.engine == "clickhouse":
            conn.execute(f"DROP NAMED COLLECTION IF EXISTS {name}")
            return
        for role in (name, f"{name}_other"):
            if project.engine == "postgresql" and conn.query(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):
                conn.execute(f"DROP OWNED BY {role}")
            conn.execute(f"DROP ROLE IF EXISTS {role}")


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> Project:
    return Project(tmp_path / "project", request.getfixturevalue(f"{engine}_url"))


@pytest.mark.parametrize(
    ("engine", "setting"), [(engine, setting) for engine, settings in SETTINGS.items() for setting in settings]
)
def test_what_a_setting_covers_is_out_of_sight(project: Project, name: str, engine: str, setting: str) -> None:
    existing, declared = (text.replace("{name}", name) for text in SETTINGS[engine][setting])
    member, declared = (declared, "") if declared.startswith(",") else ("", declared)
    plain = MODELS.replace("{member}", "")
    if engine == "clickhouse":
        plain = "from dbwarden.objects import *\nfrom sqlalchemy import *\nmetadata = MetaData()\n"
    else:
        project.reach(plain)
    project.execute(existing)
    with_it = (plain if engine == "clickhouse" else MODELS.replace("{member}", member)) + declared + "\n"

    assert any(_seen(project, models, name) for models in (with_it, plain)), "without the setting"
    for models in (with_it, plain):
        assert not _seen(project, models, name, setting.replace("{name}", name))


def _seen(project: Project, models: str, name: str, setting: str = "") -> list[str]:
    """What the commands say of the objects: changes, drops, objects that are left alone."""
    project.models(models)
    path = project.folder / "warden.py"
    path.write_text(path.read_text().rstrip().removesuffix(")") + f", {setting})\n")
    try:
        report = dbwarden.diff(config=project.config)
        dropping = project.generate(write=False, options=CompareOptions(drop_unowned=True))
    except Unsupported as error:
        return [str(error)]
    texts = (*report.unowned, *dropping.unowned, *(step.change for step in (*report.steps, *dropping.steps)))
    return [text for text in texts if any(part in text for part in ("dba_", "hstore", name))]


def test_labels_of_a_provider_are_ignored_on_columns_too() -> None:
    """No server here has a provider: what the inspection makes of the labels of a table and of its column."""
    table = Table("t", {})
    labels = [
        Definition("security_label", name, Expression("SECURITY LABEL ..."), on=table.ref)
        for name in ("dba", "dba of a", "theirs of a")
    ]
    ignored = Ignored({"ignore_security_labels": ["dba"]}, "public")
    reached = ignored.adopt_members(Schema((table, *labels)), Schema((table,)))
    assert sorted(item.ref.name for item in reached.objects() if item.ref.kind == "security_label") == [
        "dba",
        "dba of a",
    ]
