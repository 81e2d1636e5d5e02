"""The session that a lock store works in, and the native lock in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbwarden.core.dialect import Connection, NativeLock


class LockSession:
    """The part of a ``core.store.LockStore`` that is about its connection."""

    def __init__(self, conn: Connection, native: NativeLock) -> None:
        self.conn, self._native = conn, native

    def enter(self) -> str:
        return self._native.enter()

    def leave(self) -> None:
        self._native.leave()

    @property
    def pooled(self) -> bool:
        return self.conn.pooled

    def sever(self) -> bool:
        return self.conn.sever()

    def close(self) -> None:
        self.conn.close()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: object, /) -> None:
        self.conn.__exit__(kind, exc, traceback)
