"""Inspects the database of a URL: what a diff does beside the models.

python -m benchmarks.inspection URL
"""

from __future__ import annotations

import sys

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Scope


def main() -> None:
    url = sys.argv[1]
    dialect = dialects.get(url.partition("://")[0])
    with connect(url, read_only=True) as conn:
        print(len(dialect.for_server(dialect.server_of(conn)).inspect(conn, Scope((None,)))))


if __name__ == "__main__":
    main()
