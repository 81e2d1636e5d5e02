"""A database connection, as those who use one see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Connection(Protocol):
    """A database connection in autocommit mode: transactions are explicit.

    ``query`` returns rows, ``execute`` the number of changed rows (-1 if unknown); both raise ``DatabaseError`` with the
    engine's message. A statement with ``params`` (``:name`` in the text) is prepared; without, it is sent byte for byte.
    """

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]: ...

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int: ...

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    @property
    def in_transaction(self) -> bool: ...

    @property
    def pooled(self) -> bool:
        """Whether a transaction pooler may be in between: session state must then neither be relied on nor left behind."""

    def transaction(self) -> AbstractContextManager[None]:
        """BEGIN; COMMIT at the end, ROLLBACK on any error."""

    def sever(self) -> bool:
        """Interrupt, from another thread, a statement that waits for the server; false if the engine has no server."""

    def close(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: object, /) -> None: ...
