"""Gate at the start of an application: the schema has to be the one that its migrations lead to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from dbwarden.api.migrate import MigrateReport, migrate
from dbwarden.config import DatabaseHandle
from dbwarden.errors import SchemaNotCurrent

from .health import examine


def require_up_to_date(*handles: DatabaseHandle) -> None:
    """Raise ``SchemaNotCurrent`` unless every database has all migrations, unedited. Writes nothing."""
    for handle in handles:
        health = examine(handle)
        if not health.ok:
            raise SchemaNotCurrent(database=handle.name, state=health.text)


def migrate_on_startup(*handles: DatabaseHandle) -> tuple[MigrateReport, ...]:
    """Apply pending migrations under the migration lock, so that of several processes that start together one does it and
    the others wait.

    For small deployments: the account of the application needs the rights to change the schema. Raises what ``migrate``
    raises; a migration that would destroy data is refused.
    """
    return tuple(migrate(handle.name, config=handle.declaration.file) for handle in handles)


def lifespan(*handles: DatabaseHandle, migrate: bool = False) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Lifespan of an ASGI application: ``FastAPI(lifespan=lifespan(primary))``.

    Starts only if every schema is up to date, or with ``migrate`` after it was brought up to date; disposes of the engines at
    the end. An application with a lifespan of its own enters this one in it: ``async with lifespan(primary)(app): ...``.
    """

    @asynccontextmanager
    async def around(_app: Any) -> AsyncIterator[None]:
        if migrate:
            await asyncio.to_thread(migrate_on_startup, *handles)
        await asyncio.to_thread(require_up_to_date, *handles)
        try:
            yield
        finally:
            for handle in handles:
                await handle.dispose()

    return around
