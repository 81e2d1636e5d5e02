"""The floor: what any tool must at least do. Imports the same models and sends the same statements, nothing else.

    python -m benchmarks.floor URL STATEMENTS.json [--models] [--each] [--files FOLDER]

``STATEMENTS.json`` is a list of statements (text, parameters or null). ``--each`` commits every statement by itself;
``--files`` reads every file of a folder before, as a tool that checks files against the history must.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.project import with_driver


def main() -> None:
    url, statements, *flags = sys.argv[1:]
    if "--models" in flags:
        sys.path.insert(0, ".")
        import app.models  # noqa: F401
    if "--files" in flags:
        for path in Path(flags[flags.index("--files") + 1]).iterdir():
            path.read_bytes()
    import sqlalchemy

    engine = sqlalchemy.create_engine(with_driver(url), isolation_level="AUTOCOMMIT")
    each = "--each" in flags
    with engine.connect() as connection:
        run = connection.execution_options(no_parameters=True).exec_driver_sql
        if not each:
            run("BEGIN")
        for text, params in json.loads(Path(statements).read_text()):
            if each:
                run("BEGIN")
            done = connection.execute(sqlalchemy.text(text), params) if params is not None else run(text)
            if done.returns_rows:
                done.fetchall()
            if each:
                run("COMMIT")
        if not each:
            run("COMMIT")


if __name__ == "__main__":
    main()
