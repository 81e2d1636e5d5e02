"""Sessions of a handle, for code that opens them and for frameworks that inject them.

FastAPI closes what it injects only if the dependency is a generator function: it runs the code before ``yield``, injects the
value, and runs the rest after the response. ``primary.session`` has to be a factory of sessions as well, so both factory and
session play that part: the factory's own ``__call__`` attribute, which FastAPI inspects, is a generator function, and the session
that the call returns can be used as its generator.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from inspect import Signature
from typing import Any, Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker


class InjectedSession(Session):
    """A session that is the generator of itself: it yields itself once, and is closed when it is resumed."""

    _injected = False

    def __next__(self) -> Self:
        if self._injected:
            self.close()
            raise StopIteration
        self._injected = True
        return self

    def throw(self, *error: Any) -> None:
        """Close the session, which rolls back, and raise the error of the request. Python 3.11 passes type, value, traceback."""
        self.close()
        raise next(item for item in error if isinstance(item, BaseException))


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Factory of sessions, which is a dependency for FastAPI too."""
    factory: sessionmaker[Session] = sessionmaker(engine, class_=InjectedSession)

    def dependency() -> Iterator[Session]:
        with factory() as session:
            yield session

    _as_dependency(factory, dependency)
    return factory


def async_session_factory(engine: Any) -> Any:
    """Factory of asynchronous sessions, which is a dependency for FastAPI too. Needs greenlet."""
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    class InjectedAsyncSession(AsyncSession):
        """The asynchronous counterpart of ``InjectedSession``."""

        _injected = False

        async def __anext__(self) -> Self:
            if self._injected:
                await self.close()
                raise StopAsyncIteration
            self._injected = True
            return self

        async def athrow(self, *error: Any) -> None:
            """Close the session, which rolls back, and raise the error of the request."""
            await self.close()
            raise next(item for item in error if isinstance(item, BaseException))

    factory = async_sessionmaker(engine, class_=InjectedAsyncSession, expire_on_commit=False)

    async def dependency() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session

    _as_dependency(factory, dependency)
    return factory


def _as_dependency(factory: Any, dependency: Any) -> None:
    """Let FastAPI see a generator function without parameters in ``factory``, which stays what it is when it is called."""
    vars(factory).update({"__call__": dependency, "__signature__": Signature()})
