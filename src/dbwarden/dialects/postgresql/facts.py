"""What a statement does, judged by its first words."""

from __future__ import annotations

from dbwarden.core.dialect import Server
from dbwarden.core.statement import Facts


def facts(sql: str, server: Server) -> Facts:
    """The facts of one statement; ``known`` is false where no row matches."""
    return Facts(known=False)
