"""Opening of a scratch database: tries the providers in order, and removes the database at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, Dialect, ScratchProvider, ScratchRequest
from dbwarden.errors import ConnectionFailed, DatabaseError, NoScratch, SandboxNotEmpty, Unsupported

from .connection import DatabaseConnection
from .interrupt import Interruption
from .layout import optional
from .scratch_database import ScratchDatabase
from .scratch_name import is_abandoned, new_name


def scratch_request(
    open_url: Callable[[str], DatabaseConnection],
    conn: DatabaseConnection | None = None,
    sandbox_url: str | None = None,
    needs_own_server: str | None = None,
    template: str | None = None,
) -> ScratchRequest:
    """Make a request with a new unique name; ``ScratchRequest`` explains the parts."""
    return ScratchRequest(new_name(), is_abandoned, open_url, conn, sandbox_url, template, needs_own_server)


@contextmanager
def open_scratch(
    dialect: Dialect, request: ScratchRequest, stop: Interruption | None = None
) -> Iterator[ScratchDatabase]:
    """Open the scratch database of the first provider that works, and remove it at the end.

    A signal to ``stop`` cancels its statements. Raises ``NoScratch`` with the reason of every provider,
    ``SandboxNotEmpty``.
    """
    providers = list(dialect.scratch_providers(request))
    url = request.sandbox_url
    if url is not None:
        providers.insert(0, ScratchProvider("the configured sandbox", lambda: _configured(dialect, request, url)))
    with ExitStack() as stack:
        provider, conn = _first(stack, providers, request.needs_own_server)
        if stop is not None:
            stop.conn = conn
            stack.callback(setattr, stop, "conn", None)
        single = dialect.for_scratch()
        server_dialect = single.for_server(single.server_of(conn))
        yield ScratchDatabase(conn, server_dialect, provider.description, stop, provider.own_server)


def _first(
    stack: ExitStack, providers: Sequence[ScratchProvider], needs_own_server: str | None
) -> tuple[ScratchProvider, DatabaseConnection]:
    reasons = []
    for provider in providers:
        if needs_own_server is not None and not provider.own_server:
            reasons.append(f"{provider.description}: not used, since {needs_own_server}")
            continue
        try:
            conn = stack.enter_context(provider.open())
        except (DatabaseError, Unsupported) as error:
            reason = error.reason if isinstance(error, (ConnectionFailed, Unsupported)) else error.message
            reasons.append(f"{provider.description}: {' '.join(reason.split())}")
            continue
        assert isinstance(conn, DatabaseConnection)  # from ``request.open`` or ``request.conn.sibling``
        return provider, conn
    raise NoScratch(reasons="; ".join(reasons))


# -- the configured sandbox ---------------------------------------------------------------------------------------

_OWNER = f"{SCRATCH_PREFIX}owner"
"""Table in the configured sandbox whose row names the run that uses it."""


@contextmanager
def _configured(dialect: Dialect, request: ScratchRequest, url: str) -> Iterator[Connection]:
    """Open the database of ``sandbox_url``, which must be empty or left by a killed run, and clear it at the end."""
    conn = request.open(url)
    assert isinstance(conn, DatabaseConnection)
    try:
        if conn.pooled:
            reason = "a pooler is in between; name the server itself"
            raise Unsupported(feature="sandbox_url", dialect=dialect.name, reason=reason)
        _take(conn, dialect, request)
        try:
            yield conn
        finally:
            again = request.open(url)  # the first connection may be lost
            try:
                dialect.clear(again)
            finally:
                again.close()
    finally:
        conn.close()


def _take(conn: DatabaseConnection, dialect: Dialect, request: ScratchRequest) -> None:
    """Record this run as the owner. Raises ``SandboxNotEmpty``, or ``Unsupported`` while another run uses the database."""
    owners = optional(conn, f"SELECT name FROM {_OWNER}")
    if owners is None:
        contents = dialect.first_object(conn)
        if contents is not None:
            raise SandboxNotEmpty(url=conn.name, contents=contents)
    elif owners:
        owner = str(owners[0][0])
        taken_over = request.is_abandoned(owner) and conn.execute(
            f"UPDATE {_OWNER} SET name = :mine WHERE name = :theirs", {"mine": request.name, "theirs": owner}
        )
        if not taken_over:
            raise Unsupported(feature="sandbox_url", dialect=dialect.name, reason="another run is using it")
    if owners is not None:
        dialect.clear(conn)
    conn.execute(f"CREATE TABLE {_OWNER} (name VARCHAR(255))")
    conn.execute(f"INSERT INTO {_OWNER} (name) VALUES (:name)", {"name": request.name})
