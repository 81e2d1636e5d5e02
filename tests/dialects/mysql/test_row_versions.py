"""ALGORITHM=INSTANT on a table that has had too many columns added and dropped."""

from __future__ import annotations

import pytest

from dbwarden.errors import DatabaseError, TableNeedsRebuild
from tests.dialects.mysql.conftest import Flavour

MOST = 400
"""More changes than MySQL allows between two rebuilds: 64, from 9.1 on 255."""


@pytest.mark.parametrize("flavour", ["mysql"], indirect=True)
def test_the_error_says_how_to_go_on(flavour: Flavour) -> None:
    conn = flavour.conn
    conn.execute("CREATE TABLE t (id INT PRIMARY KEY)")
    with pytest.raises(DatabaseError) as raised:
        for number in range(MOST):
            conn.execute(f"ALTER TABLE t ADD COLUMN c{number} INT, ALGORITHM=INSTANT")
    assert isinstance(raised.value, TableNeedsRebuild), raised.value
    assert "ALTER TABLE ... FORCE, ALGORITHM=INPLACE, LOCK=NONE" in str(raised.value.hint)
    conn.execute("ALTER TABLE t FORCE, ALGORITHM=INPLACE, LOCK=NONE")
    conn.execute("ALTER TABLE t ADD COLUMN again INT, ALGORITHM=INSTANT")
