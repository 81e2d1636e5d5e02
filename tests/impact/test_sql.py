"""SQL text -> the places that use ``users.phone``, and how certain each is."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.types import Ref
from dbwarden.impact.sql import SqlReader
from dbwarden.impact.subject import Impact, Key, Removal, Subject

COLUMNS: dict[Key, frozenset[str]] = {
    (None, "users"): frozenset(("id", "name", "phone", "status")),
    (None, "vendors"): frozenset(("id", "phone")),
    (None, "orders"): frozenset(("id", "user_id")),
}
PHONE = Subject(Ref("column", "phone", None, "users"), Removal.DROPPED, "dropped")
GONE = Subject(Ref("value", "gone", None, "status"), Removal.DROPPED, "dropped", (((None, "users"), "status"),))
INSERT = (
    "INSERT INTO users (id, phone) SELECT id, phone FROM vendors ON CONFLICT (id) DO UPDATE SET phone = excluded.phone"
)
MERGE = (
    "MERGE INTO users t USING vendors s ON t.id = s.id WHEN MATCHED THEN UPDATE SET phone = s.phone"
    " WHEN NOT MATCHED THEN INSERT (id, phone) VALUES (s.id, s.phone)"
)


def uses(subject: Subject, sql: str) -> list[tuple[int, str]]:
    reader = SqlReader(Impact((subject,), COLUMNS, "public"), "postgres", dialects.get("postgresql").lexical_rules)
    return sorted({(hit.offset, hit.confidence.value) for hit in reader.statements(sql)})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT u.phone, o.id FROM users u JOIN orders o ON o.user_id = u.id WHERE u.status = 'x'", [(9, "certain")]),
        ("SELECT phone FROM public.users", [(7, "certain")]),
        ("SELECT phone FROM other.users", []),
        ("SELECT phone FROM vendors JOIN users USING (phone)", [(7, "likely"), (44, "likely")]),
        ("SELECT v.phone FROM vendors v, users u WHERE v.phone = u.phone", [(57, "certain")]),
        ("SELECT phone FROM users, unknown", [(7, "likely")]),
        ("SELECT phone FROM users, orders", [(7, "certain")]),
        ("WITH x AS (SELECT * FROM users) SELECT phone FROM x", [(39, "likely")]),
        ("WITH x AS (SELECT id FROM users) SELECT phone FROM x", []),
        ("WITH users AS (SELECT 1 AS phone) SELECT phone FROM users", []),
        ("WITH users AS (SELECT phone AS p FROM users) SELECT phone FROM users", [(22, "certain")]),
        (
            "WITH RECURSIVE t AS (SELECT id, phone FROM users UNION ALL SELECT t.id, t.phone FROM t) SELECT phone FROM t",
            [(32, "certain")],
        ),
        ("SELECT (SELECT phone FROM users WHERE users.id = o.user_id) FROM orders o", [(15, "certain")]),
        ("SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM users WHERE phone = o.phone)", [(63, "certain")]),
        ("SELECT x.phone FROM (SELECT * FROM users) x", [(9, "likely")]),
        ("SELECT x.phone FROM (SELECT phone FROM users) AS x", [(28, "certain")]),
        ("SELECT name AS phone FROM users ORDER BY phone", []),
        ("SELECT name AS phone FROM users GROUP BY phone HAVING phone IS NOT NULL", [(54, "certain")]),
        ("INSERT INTO users VALUES (1, '2', '3')", [(12, "likely")]),
        (INSERT, [(23, "certain"), (91, "certain"), (108, "certain")]),
        ("UPDATE users u SET phone = v.phone FROM vendors v WHERE v.id = u.id", [(19, "likely")]),
        ("UPDATE vendors SET phone = (SELECT phone FROM users LIMIT 1)", [(35, "certain")]),
        ("DELETE FROM vendors USING users u WHERE u.phone = vendors.phone", [(42, "certain")]),
        (MERGE, [(79, "likely"), (129, "likely")]),
        ("CREATE TABLE calls (phone text REFERENCES users (phone))", [(49, "certain")]),
        ("ALTER TABLE users RENAME COLUMN phone TO mobile", [(32, "certain")]),
        ("ALTER TABLE vendors DROP COLUMN phone", []),
        ("GRANT SELECT (phone) ON users TO bob", [(14, "possible")]),
        ("SELECT phone FROM users u ORDER BY", [(7, "possible")]),
        ("SELECT u.phone FROM users u WHERE ((", [(9, "likely")]),
        ("SELECT :phone, phone() FROM users ORDER BY", []),
        ("SELECT phone FROM {table} JOIN users ON users.id = {table}.id", [(7, "likely")]),
    ],
)
def test_columns(sql: str, expected: list[tuple[int, str]]) -> None:
    assert uses(PHONE, sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 FROM users u WHERE u.status IN ('a', 'gone')", [(47, "certain")]),
        ("SELECT 1 FROM users WHERE status = ANY (ARRAY['gone'])", [(47, "certain")]),
        ("SELECT 1 FROM users WHERE name = 'gone'", []),
        ("SELECT 'gone'::status, 'gone'::text", [(8, "certain")]),
        ("INSERT INTO users (id, status) VALUES (1, 'gone')", [(43, "likely")]),
        ("SELECT 1 FROM users WHERE status = 'gone' ((", [(36, "likely")]),
    ],
)
def test_values(sql: str, expected: list[tuple[int, str]]) -> None:
    assert uses(GONE, sql) == expected
