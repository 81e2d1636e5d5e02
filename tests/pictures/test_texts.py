"""Diagrams as Mermaid, DBML and SVG: what they say, and that no name breaks out of them."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from dbwarden import dialects
from dbwarden.core.change import Rename
from dbwarden.core.diagram import ChangeMark, Fate, diagram, merged
from dbwarden.core.model import (
    Column,
    Definition,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.pictures.dbml import dbml
from dbwarden.pictures.mermaid import mermaid
from dbwarden.pictures.render import svg
from tests.pictures.schemas import BIGINT, hostile, large

DIALECT = dialects.get("postgresql")
USERS, ORDERS, PROFILES = Ref("table", "users"), Ref("table", "orders", "shop"), Ref("table", "profiles")
BEFORE = Schema(
    [
        Table.of("users", [Column("id", BIGINT, False), Column("mail", DataType("text"), False, comment="who")]),
        PrimaryKey(USERS, "users_pkey", ("id",)),
        Index(USERS, "users_mail", (IndexElement("mail"),), unique=True),
        Table.of(
            "orders",
            [
                Column("user_id", BIGINT),
                Column("no", DataType("integer"), False),
                Column("total", DataType("numeric", ("10", "2")), False, default=Expression("0")),
            ],
            schema="shop",
            comment="What was bought",
        ),
        PrimaryKey(ORDERS, "orders_pkey", ("no", "total")),
        ForeignKey(ORDERS, "orders_user", ("user_id",), USERS, ("id",), on_delete="cascade"),
        Enum("mood", ("glad", "sad")),
        Definition("view", "recent", Expression("SELECT 1"), needs=frozenset({USERS}), columns=(("id", "bigint"),)),
    ]
)
AFTER = BEFORE.without(Ref("index", "users_mail", None, "users")).put(
    Table.of(
        "users", [Column("id", BIGINT, False), Column("email", DataType("varchar", ("80",)), False, comment="who")]
    ),
    Table.of("profiles", [Column("user_id", BIGINT, False)]),
    PrimaryKey(PROFILES, "profiles_pkey", ("user_id",)),
    ForeignKey(PROFILES, "profiles_user", ("user_id",), USERS, ("id",)),
    Unique(USERS, "users_email", ("email",)),
)
RENAME = Rename(Ref("column", "mail", None, "users"), Ref("column", "email", None, "users"))


def test_what_changes_is_marked() -> None:
    drawn = diagram(BEFORE, AFTER, DIALECT, [RENAME], {PROFILES})
    tables = {table.name: table for table in drawn.tables}
    assert tables["profiles"].fate == Fate(ChangeMark.ADDED, "", unwritten=True)
    assert tables["shop.orders"].fate.mark is ChangeMark.NONE
    assert tables["users"].fate.mark is ChangeMark.CHANGED and not tables["users"].fate.unwritten
    email = tables["users"].columns[1]
    assert email.fate == Fate(ChangeMark.CHANGED, "renamed from mail; TEXT → VARCHAR(80)")
    assert {member.name: member.fate.mark for member in tables["users"].members} == {
        "users_pkey": ChangeMark.NONE,
        "users_email": ChangeMark.ADDED,
        "users_mail": ChangeMark.DROPPED,
    }
    relations = {relation.name: relation for relation in drawn.relations}
    assert relations["profiles_user"].one and not relations["profiles_user"].optional
    assert relations["orders_user"].optional and not relations["orders_user"].one
    assert relations[""].target == USERS, "the view reads the table"


def test_dropped_columns_stay_where_they_were() -> None:
    assert list(merged("abcd", "xbd")) == ["a", "x", "b", "c", "d"]
    assert list(merged("ab", "")) == ["a", "b"]
    gone = diagram(BEFORE, BEFORE.without(ORDERS), DIALECT)
    assert [table.fate.mark for table in gone.tables if table.ref == ORDERS] == [ChangeMark.DROPPED]


def test_mermaid() -> None:
    text = mermaid(diagram(BEFORE, AFTER, DIALECT, [RENAME]))
    assert (
        text
        == """erDiagram
    profiles {
        bigint user_id PK, FK
    }
    recent {
        bigint id
    }
    users {
        bigint id PK
        varchar(80) email UK "changed: renamed from mail; TEXT → VARCHAR(80); not null; who"
    }
    "shop.orders" {
        bigint user_id FK
        integer no PK
        numeric(10_2) total PK
    }
    users ||--o| profiles : "user_id (added)"
    users |o--o{ "shop.orders" : "user_id"
    users ||..o{ recent : "read by"
    class profiles added
    class users changed
    classDef added fill:#e2f5ea,stroke:#13703f,color:#1b2330
    classDef changed fill:#fcf1d8,stroke:#875600,color:#1b2330
"""
    )


def test_dbml() -> None:
    assert (
        dbml(diagram(BEFORE, BEFORE, DIALECT))
        == """Enum "mood" {
  "glad"
  "sad"
}

Table "users" {
  "id" BIGINT [pk]
  "mail" TEXT [not null, unique, note: 'who']

  indexes {
    ("mail") [unique, name: 'users_mail']
  }
}

Table "shop"."orders" {
  "user_id" BIGINT
  "no" INTEGER [not null]
  "total" NUMERIC(10,2) [not null, default: `0`]

  indexes {
    ("no", "total") [pk, name: 'orders_pkey']
  }
  Note: 'What was bought'
}

Ref "orders_user": "shop"."orders"."user_id" > "users"."id" [delete: cascade]

// Not in DBML: view recent
"""
    )


# Lines of an erDiagram as the grammar of Mermaid 11 (erDiagram.jison) reads them.
NAME = r'(?:[A-Za-z_][A-Za-z0-9_]*|"[^"%\r\n\v\b\\]+")'
WORD = r"[*A-Za-z_\u00c0-\uffff][A-Za-z0-9\-_\[\]()\u00c0-\uffff*]*"
LINES = [
    "erDiagram",
    rf"    {NAME} \{{",
    rf'        {WORD} {WORD}(?: (?:PK|FK|UK)(?:, (?:PK|FK|UK))*)?(?: "[^"\n]*")?',
    r"    \}",
    rf'    {NAME} (?:\|\||\|o)(?:--|\.\.)(?:o\{{|o\|) {NAME} : "[^"\n]*"',
]


def test_no_name_breaks_out_of_mermaid() -> None:
    for schema in (hostile(), large(20)):
        text = mermaid(diagram(schema, schema, DIALECT))
        wrong = [line for line in text.splitlines() if not any(re.fullmatch(form, line) for form in LINES)]
        assert not wrong
        opened = re.findall(rf"^    ({NAME}) \{{$", text, re.MULTILINE)
        assert len(set(opened)) == len(opened) == len(schema.tables())


def test_no_name_breaks_out_of_dbml() -> None:
    """Names and texts are closed on their line: what is left without them is the language's own."""
    text = dbml(diagram(hostile(), hostile(), DIALECT))
    quoted = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`")
    for line in text.splitlines():
        if not line.startswith("//"):
            plain = quoted.sub("", line)
            assert re.fullmatch(r"[A-Za-z0-9_ \[\](){},.:><#-]*", plain), line


def test_svg_is_xml_of_its_own_and_carries_no_script() -> None:
    for schema in (hostile(), large(20), Schema()):
        text = svg(diagram(schema, schema, DIALECT), "<b>title</b>")
        tree = ElementTree.fromstring(text)
        tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in tree.iter()}
        assert tags <= {"svg", "title", "style", "defs", "marker", "path", "circle", "rect", "g", "text"}
        assert not [
            name for element in tree.iter() for name in element.attrib if name.startswith("on") or "href" in name
        ]
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    changed = svg(diagram(BEFORE, AFTER, DIALECT, [RENAME], {PROFILES}), "t")
    assert 'class="card added unwritten"' in changed and "renamed from mail" in changed


def test_texts_with_credentials_are_masked() -> None:
    server = Definition("foreign_server", "far", Expression("CREATE SERVER far OPTIONS (host 'h', passwd 'pw1')"))
    table = Table.of("t", [Column("a", BIGINT, default=Expression("'postgresql://u:pw2@h/d'"))])
    drawn = diagram(Schema([server, table]), Schema([server, table]), DIALECT)
    clickhouse = dialects.get("clickhouse")
    far = replace(table, options=replace(table.options, pairs=(("engine", "MySQL('h:3306', 'd', 't', 'u', 'pw3')"),)))
    url = Definition("view", "v", Expression("SELECT 'mysql://u:pw4@h/d', 'token=pw5'"))
    views = diagram(Schema([url]), Schema([url]), DIALECT)
    both = repr(drawn) + repr(views) + repr(diagram(Schema([far]), Schema([far]), clickhouse))
    assert not re.findall(r"pw\d", both)
