"""The floor: what any tool must at least do. Imports the same models and sends the same statements, nothing else.

    python -m benchmarks.floor URL STATEMENTS.json [--models] [--each] [--files FOLDER]

``STATEMENTS.json`` is a list of statements (text, parameters or null). ``--each`` commits every statement by itself;
``--files`` reads every file of a folder before, as a tool that checks files against the history must.
ClickHouse is sent one request per statement by ``http.client``, which is what DBWarden's driver uses there.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.project import with_driver

Statements = Iterable[tuple[str, Mapping[str, Any] | None]]


def main() -> None:
    url, statements, *flags = sys.argv[1:]
    if "--models" in flags:
        sys.path.insert(0, ".")
        import app.models  # noqa: F401
    if "--files" in flags:
        for path in Path(flags[flags.index("--files") + 1]).iterdir():
            path.read_bytes()
    entries = json.loads(Path(statements).read_text())
    if url.startswith("clickhouse"):
        send_over_http(url, entries)
    else:
        send(url, entries, each="--each" in flags)


def send(url: str, statements: Statements, each: bool) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(with_driver(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        run = connection.execution_options(no_parameters=True).exec_driver_sql
        if not each:
            run("BEGIN")
        for text, params in statements:
            if each:
                run("BEGIN")
            done = connection.execute(sqlalchemy.text(text), params) if params is not None else run(text)
            if done.returns_rows:
                done.fetchall()
            if each:
                run("COMMIT")
        if not each:
            run("COMMIT")


def send_over_http(url: str, statements: Statements) -> None:
    where = urlsplit(url)
    pair = base64.b64encode(f"{where.username}:{where.password}".encode()).decode()
    target = f"/?database={where.path.lstrip('/')}&default_format=JSONCompactEachRow"
    connection = http.client.HTTPConnection(where.hostname or "localhost", where.port)
    for text, params in statements:
        sql = with_values(text, params) if params else text
        connection.request("POST", target, sql.encode(), {"Authorization": f"Basic {pair}"})
        with connection.getresponse() as answer:
            rows = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(rows.decode())
        if sql.startswith("SELECT"):
            for row in rows.splitlines():
                json.loads(row)


def with_values(text: str, params: Mapping[str, Any]) -> str:
    return re.sub(r"(?<!:):([a-z]\w*)", lambda match: _literal(params[match[1]]), text)


def _literal(value: object) -> str:
    if not isinstance(value, str):
        return "NULL" if value is None else str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


if __name__ == "__main__":
    main()
