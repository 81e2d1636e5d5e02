"""Our own tables, named with the database that they are in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbwarden import dialects
from dbwarden.core.own_tables import OwnTables
from dbwarden.runtime.history import qualified


@pytest.mark.parametrize("flavour", ["mysql", "mariadb"])
def test_in_the_quotes_of_the_server(flavour: str) -> None:
    dialect = dialects.get(flavour)
    there = dialect.for_server(replace(dialect.server, default_schema="my shop"))
    assert qualified(OwnTables("sandbox"), there).journal == "`my shop`.dbwarden_journal"
