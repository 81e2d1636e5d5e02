"""A database's schema as its engine tells it, in a form two databases can be compared in.

PostgreSQL is asked through ``pg_dump``, MySQL, MariaDB and ClickHouse through SHOW CREATE, SQLite through its pragmas and
``sqlite_schema``: none of these is our inspector. What is not part of a schema's meaning (order of statements, white space,
counters, our own tables) is taken out, and the order of columns where a new column can only come last (PostgreSQL, SQLite).
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import clickhouse_connect
from sqlalchemy.engine import make_url

from tests.servers import mysql_family, mysql_objects


def dump(url: str) -> list[str]:
    """Sorted lines that describe the schema behind ``url``."""
    if url.startswith("sqlite"):
        return dump_sqlite(make_url(url).database or "")
    if url.startswith("clickhouse"):
        return dump_clickhouse(url)
    return dump_mysql(url) if url.startswith(("mysql", "mariadb")) else dump_postgresql(url)


# -- PostgreSQL ---------------------------------------------------------------------------------------------------


def pg_dump_binary() -> str:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    return str(programs[-1]) if programs else shutil.which("pg_dump") or "pg_dump"


def dump_postgresql(url: str, *options: str, owners: bool = False) -> list[str]:
    """``owners``: with owners and privileges too."""
    parsed = make_url(url)
    environment = {**os.environ, "PGPASSWORD": parsed.password or ""}
    argv = [pg_dump_binary(), "--schema-only", *options, "--exclude-table=dbwarden_*"]
    argv += [] if owners else ["--no-owner", "--no-privileges"]
    argv += ["-h", str(parsed.query.get("host") or parsed.host), "-p", str(parsed.port or 5432)]
    argv += ["-U", parsed.username or "postgres", parsed.database or "postgres"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [
        line
        for line in done.stdout.splitlines()
        if not re.match(r"\s*(--|\\|SET |SELECT pg_catalog\.set_config)", line)
    ]
    statements = re.split(r";\n", "\n".join(lines) + "\n")
    return sorted(filter(None, (_statement(text.strip()) for text in statements)))


def _statement(text: str) -> str:
    if "dbwarden_" in text or not text:
        return ""
    table = re.match(r"(CREATE (?:UNLOGGED )?TABLE .*?\()\n(.*)\n(\).*)$", text, re.DOTALL)
    if table:
        items = sorted(line.strip().rstrip(",") for line in table.group(2).split("\n"))
        return f"{table.group(1)} {' | '.join(items)} {table.group(3)}"
    return " ".join(text.split())


# -- MySQL and MariaDB --------------------------------------------------------------------------------------------


def dump_mysql(url: str) -> list[str]:
    with mysql_family.connect(url) as connection:
        objects = mysql_objects.objects(connection)
    own = f"{mysql_objects.quote(make_url(url).database or '')}."
    return sorted(
        _mysql_table(item.sql.replace(own, "")) if item.kind == "TABLE" else _mysql_other(item, own)
        for item in objects
        if not item.name.startswith("dbwarden_")
    )


def _mysql_table(sql: str) -> str:
    first, *rest = sql.split("\n")
    end = next(number for number, line in enumerate(rest) if line.startswith(")"))
    lines = [line.strip().rstrip(",") for line in rest[:end]]
    columns = [line for line in lines if line.startswith("`")]
    items = [*columns, *sorted(line for line in lines if not line.startswith("`"))]
    last = re.sub(r" AUTO_INCREMENT=\d+", "", " ".join(" ".join(rest[end:]).split()))
    return f"{first} {' | '.join(items)} {last}"


def _mysql_other(item: mysql_objects.Object, own: str) -> str:
    text = re.sub(r" DEFINER=`[^`]*`@`[^`]*`", "", item.sql.replace(own, ""))
    return " ".join(f"{text} {item.sql_mode}".split())


# -- ClickHouse ---------------------------------------------------------------------------------------------------


def dump_clickhouse(url: str) -> list[str]:
    parsed = make_url(url)
    client = clickhouse_connect.get_client(
        host=parsed.host,
        port=parsed.port,
        username=parsed.username,
        password=parsed.password or "",
        database=parsed.database,
    )
    names = [row[0] for row in client.query("SHOW TABLES").result_rows]
    shown = [name for name in names if not name.startswith((".inner", "dbwarden_"))]
    texts = [client.query(f"SHOW CREATE TABLE `{name}`").result_rows[0][0] for name in shown]
    client.close()
    return sorted(
        _clickhouse_table(text.replace(f"{parsed.database}.", "").replace(f"'{parsed.database}'", "'own'"))
        for text in texts
    )


def _is_column(item: str) -> bool:
    return item.startswith("`")


def _clickhouse_table(sql: str) -> str:
    """The columns in their order, then the rest, and the settings, in alphabetical order. An ALTER writes out what EPHEMERAL
    means, and a default setting of EmbeddedRocksDB; a shortened sorting key leaves the primary key behind."""
    head, opening, rest = sql.partition("\n(\n")
    body, closing, tail = rest.partition("\n)")
    lines = [" ".join(item.split()) for item in re.split(r",\n(?= {4}\S)", body)]
    items = [*filter(_is_column, lines), *sorted(line for line in lines if not _is_column(line))]
    tail = " ".join(tail.split())
    tail = re.sub(r"PRIMARY KEY (.+?) (ORDER BY \1)(?=$| [A-Z])", r"\2", tail)
    tail = tail.replace(" SETTINGS optimize_for_bulk_insert = true", "")
    tail = re.sub(r"(?<=SETTINGS )\w+ = [^,]+(?:, \w+ = [^,]+?)+(?=$| COMMENT)", _in_order, tail)
    plain = re.sub(r"EPHEMERAL defaultValueOfTypeName\('[^']*'\)", "EPHEMERAL", " | ".join(items))
    return f"{head}{opening and ' ('} {plain} {closing and ')'} {tail}"


def _in_order(settings: re.Match[str]) -> str:
    return ", ".join(sorted(settings[0].split(", ")))


# -- SQLite -------------------------------------------------------------------------------------------------------


def dump_sqlite(path: str) -> list[str]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True) if path and os.path.exists(path) else None
    if connection is None:
        return []
    try:
        rows = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema"
            " WHERE tbl_name NOT LIKE 'dbwarden\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        ).fetchall()
        lines: list[str] = []
        for kind, name, table, sql in rows:
            if kind == "table":
                lines += _sqlite_table(connection, name, sql)
            else:
                lines.append(f"{kind} {name} on {table}: {_words(sql)}")
        return sorted(lines)
    finally:
        connection.close()


def _sqlite_table(connection: sqlite3.Connection, name: str, sql: str) -> list[str]:
    lines = [f"table {name} {_words(sql[sql.rindex(')') + 1 :])}"]
    for column in connection.execute(
        'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)', (name,)
    ):
        label, type_, not_null, default, pk, hidden = column
        lines.append(f"table {name} column {label} {type_.upper()} {not_null} {_words(default or '')} {pk} {hidden}")
    keys: dict[int, list[tuple[object, ...]]] = {}
    for key in connection.execute(
        'SELECT id, seq, "table", "from", "to", on_update, on_delete, match FROM pragma_foreign_key_list(?)', (name,)
    ):
        keys.setdefault(key[0], []).append(key[2:])
    lines += [f"table {name} foreign key {parts}" for parts in keys.values()]
    for index, unique, origin, partial in connection.execute(
        'SELECT name, "unique", origin, partial FROM pragma_index_list(?)', (name,)
    ):
        columns = connection.execute('SELECT name, "desc", coll, key FROM pragma_index_xinfo(?)', (index,)).fetchall()
        lines.append(
            f"table {name} index {index if origin == 'c' else origin} {unique} {partial} {[c for c in columns if c[3]]}"
        )
    lines += [f"table {name} item {item}" for item in _items(sql)]
    return lines


def _items(sql: str) -> list[str]:
    """The comma-separated items of a CREATE TABLE, each as its words in alphabetical order."""
    body = sql[sql.index("(") + 1 : sql.rindex(")")]
    body = re.sub(r"--[^\n]*", " ", body)
    items, depth, quote, start = [], 0, "", 0
    for at, char in enumerate(body):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and not depth:
            items.append(body[start:at])
            start = at + 1
    items.append(body[start:])
    # SQLAlchemy before 2.0.37 put the moment into parentheses: the same default.
    texts = (re.sub(r"DEFAULT \( (CURRENT_\w+) \)", r"DEFAULT \1", _words(item)) for item in items)
    return [" ".join(sorted(part)) for item in texts for part in _parts(item.split())]


_AT_A_COLUMN = {
    "PRIMARY": "PRIMARY KEY ( {} )",
    "UNIQUE": "UNIQUE ( {} )",
    "REFERENCES": "FOREIGN KEY ( {} ) REFERENCES",
}


def _parts(words: list[str]) -> list[list[str]]:
    """A column and each constraint written at it, as if these stood at the end of the table: the two mean the same."""
    parts: list[list[str]] = [[]]
    if words[0] in ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"):
        parts, words = [words], []
    depth, named, last = 0, False, ""
    column = words[0] if words else ""
    for word in words:
        depth += (word == "(") - (word == ")")
        opens = not depth and word in ("CONSTRAINT", "CHECK", *_AT_A_COLUMN)
        if opens and not named:
            parts.append([])
        if opens:
            named = word == "CONSTRAINT"
        if opens and word in _AT_A_COLUMN:
            parts[-1] += _AT_A_COLUMN[word].format(column).split()
        elif word != "KEY" or last != "PRIMARY":
            parts[-1].append(word)
        last = word
    for part in parts:
        part[:] = re.sub("ON (DELETE|UPDATE) NO ACTION", "", " ".join(part)).split()
    return parts


def _words(text: str) -> str:
    """Tokens separated by one space, keywords in capitals, names without needless quotes."""
    tokens = re.findall(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_]\w*|\d+(?:\.\d+)?|[^\s\w]", text)
    return " ".join(
        token[1:-1].upper() if token[0] == '"' else token if token[0] == "'" else token.upper() for token in tokens
    )
