"""Accounts, roles and rights that a server shows, and that no migration changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessRight:
    """One of them: ``row policy own ON events``, ``user app``. ``definition`` is the rest of it as SQL or words."""

    kind: str
    name: str
    definition: str = ""
    table: str | None = None
    """The table of the database that it guards, by name."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class AccessRights:
    """All that the account may see; ``unreadable`` are the kinds that it may not."""

    rights: tuple[AccessRight, ...] = ()
    unreadable: tuple[str, ...] = ()
