"""Diagnoses of a server that are alike on several engines."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dbwarden.core.diagnosis import Diagnosis, Grade
from dbwarden.core.dialect import Server

_SKEW = 5.0
"""Seconds by which two clocks may differ before a person, who compares times in the history with a log, is misled."""
LONG = 300
"""Seconds after which an open transaction is reported."""


def version(server: Server, oldest: tuple[int, ...]) -> Diagnosis:
    """Whether the server is one of the versions that the dialect knows."""
    if server.version and server.version < oldest:
        needed = ".".join(map(str, oldest))
        text = f"{server.product} is older than {needed}, the oldest version that DBWarden is tested with"
        return Diagnosis(
            "server", Grade.WARNING, text, "upgrade the server, and try each migration with --sandbox first"
        )
    return Diagnosis("server", Grade.OK, server.product)


def clock(server_seconds: float) -> Diagnosis:
    """The clock of the server beside that of this machine; ``server_seconds`` since 1970."""
    skew = server_seconds - time.time()
    if abs(skew) <= _SKEW:
        return Diagnosis("clock", Grade.OK, "the clocks of the server and of this machine agree")
    way = "ahead of" if skew > 0 else "behind"
    text = f"the clock of the server is {abs(skew):.0f} seconds {way} that of this machine"
    return Diagnosis(
        "clock",
        Grade.WARNING,
        text,
        "synchronise both (NTP): the history has the server's times, the log those of this machine",
    )


def privileges(account: str, place: str, missing: Sequence[str], remedy: str) -> Diagnosis:
    """Whether ``account`` may do in ``place`` what migrations do."""
    if missing:
        return Diagnosis("privileges", Grade.PROBLEM, f"{account} lacks {', '.join(missing)} on {place}", remedy)
    return Diagnosis("privileges", Grade.OK, f"{account} may create and change objects in {place}")


def scratch(able: bool, right: str, setting: str = "sandbox_url") -> Diagnosis:
    """Whether the account may make a scratch database for proofs on this server."""
    if able:
        return Diagnosis("scratch database", Grade.OK, "can be made on this server")
    text = f"cannot be made on this server, because the account lacks {right}: proofs need a server of their own"
    return Diagnosis("scratch database", Grade.NOTE, text, f"grant it, or name an empty database in `{setting}`")


def open_transactions(sessions: Sequence[tuple[str, float]], end: str) -> Diagnosis:
    """Sessions with a transaction that was opened long ago, with its age in seconds; ``end`` is the statement that ends the
    first one."""
    if not sessions:
        return Diagnosis("sessions", Grade.OK, f"no transaction has been open for {LONG // 60} minutes")
    name, age = sessions[0]
    more = f" and {len(sessions) - 1} more" if len(sessions) > 1 else ""
    text = f"{name}{more} has had a transaction open for {age / 60:.0f} minutes: a migration that needs its tables would wait"
    return Diagnosis("sessions", Grade.WARNING, text, f"end it in its application, or `{end}`")
