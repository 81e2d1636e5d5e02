"""Parses database URLs of SQLAlchemy's form without importing it: most commands only connect, and the import is slow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote

# The grammar of sqlalchemy.engine.url, so that exactly the URLs that create_engine accepts are valid.
_GRAMMAR = re.compile(
    r"""(?P<scheme>[A-Za-z][\w.-]*)(?:\+(?P<driver>\w+))?://
        (?P<rest>
        (?:(?P<username>[^:/]*)(?::(?P<password>[^@]*))?@)?
        (?:(?:\[(?P<ipv6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?
        (?:/(?P<database>[^?]*))?
        (?:\?(?P<query>.*))?)\Z""",
    re.VERBOSE | re.DOTALL,
)

_PLACES = ("host", "port", "service")
"""Parameters of libpq that identify the server."""


@dataclass(frozen=True, slots=True)
class Url:
    """The decoded parts of a URL; absent ones are ``None``. Its repr shows no password."""

    scheme: str
    driver: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    database: str | None = None
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The values of each parameter, in order."""
    rest: str = field(default="", repr=False, compare=False)
    """Text after ``://``, as typed."""
    query_text: str = field(default="", repr=False, compare=False)
    """Text after ``?``, as typed."""

    @classmethod
    def parse(cls, text: str, *, decode_database: bool = True) -> Url:
        """Parse a URL. Raises ``ValueError`` with the reason if it is not one.

        ``decode_database``: whether ``%20`` in the database's name is decoded, as SQLAlchemy does from 2.1 on.
        """
        match = _GRAMMAR.match(text)
        if match is None:
            raise ValueError("a URL looks like postgresql://user@host:5432/name or sqlite:///file.db")
        part = match.groupdict()
        _check(part)
        query = dict[str, tuple[str, ...]]()
        for key, value in parse_qsl(part["query"] or ""):
            query[key] = (*query.get(key, ()), value)
        database = part["database"]
        return cls(
            scheme=part["scheme"].lower(),
            driver=(part["driver"] or "").lower(),
            username=None if part["username"] is None else unquote(part["username"]),
            password=None if part["password"] is None else unquote(part["password"]),
            host=part["ipv6"] or part["host"],
            port=int(part["port"]) if part["port"] else None,
            database=unquote(database) if database and decode_database else database,
            query=query,
            rest=part["rest"],
            query_text=part["query"] or "",
        )

    @property
    def parameters(self) -> dict[str, str]:
        """The query with a single value for each name."""
        return {key: ",".join(values) for key, values in self.query.items()}

    @property
    def secret_text(self) -> str:
        """The whole URL with its password, as ``parse`` reads it."""
        password = "" if self.password is None else f":{quote(self.password, safe='')}"
        user = f"{quote(self.username or '', safe='')}{password}@" if self.username or password else ""
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host or ""
        port = "" if self.port is None else f":{self.port}"
        database = "" if self.database is None else f"/{self.database}"
        query = f"?{self.query_text}" if self.query_text else ""
        driver = f"+{self.driver}" if self.driver else ""
        return f"{self.scheme}{driver}://{user}{host}{port}{database}{query}"

    def __str__(self) -> str:
        """The URL for messages: without driver, password and query parameters other than host, port and service."""
        user = f"{quote(self.username, safe=' +')}@" if self.username else ""
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host or ""
        port = "" if self.port is None else f":{self.port}"
        database = "" if self.database is None else "/" + re.sub(r"[@?%]", lambda match: quote(match[0]), self.database)
        query = "&".join(f"{key}={value}" for key in _PLACES for value in self.query.get(key, ()))
        return f"{self.scheme}://{user}{host}{port}{database}" + (f"?{query}" if query else "")


def _check(part: Mapping[str, str | None]) -> None:
    """Raise ``ValueError`` if a special character of the password is not encoded, or the port is not a number."""
    ambiguous = "@" in (part["rest"] or "").partition("/")[0] and "@" in (part["database"] or "")
    if ambiguous or "@" in (part["host"] or ""):
        raise ValueError("in a user name or password @ is written %40, / is %2F and : is %3A")
    if part["port"] and not part["port"].isdecimal():
        raise ValueError("the port is not a number")
