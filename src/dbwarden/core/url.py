"""Database URLs in SQLAlchemy's form, read without importing it: most commands only connect, and would wait for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote

# The grammar of sqlalchemy.engine.url: what is accepted here is what an application's create_engine accepts.
GRAMMAR = re.compile(
    r"""(?P<scheme>[A-Za-z][\w.-]*)(?:\+(?P<driver>\w+))?://
        (?P<rest>
        (?:(?P<username>[^:/]*)(?::(?P<password>[^@]*))?@)?
        (?:(?:\[(?P<ipv6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?
        (?:/(?P<database>[^?]*))?
        (?:\?(?P<query>.*))?)\Z""",
    re.VERBOSE | re.DOTALL,
)

_PLACES = ("host", "port", "service")
"""libpq's parameters that say which server is meant."""


@dataclass(frozen=True, slots=True)
class Url:
    """A URL in its parts, decoded; what it does not say is ``None``. Its repr shows no secret."""

    scheme: str
    driver: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    database: str | None = None
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Each parameter with its values, in the order in which they stand."""

    @classmethod
    def parse(cls, text: str, *, decode_database: bool = True) -> Url:
        """Raises ``ValueError`` where the text is no URL. SQLAlchemy decodes ``%20`` in the database's name from 2.1 on."""
        match = GRAMMAR.match(text)
        if match is None:
            raise ValueError("not a URL")
        part = match.groupdict()
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
        )

    @property
    def parameters(self) -> dict[str, str]:
        """The query with one text for each name."""
        return {key: ",".join(values) for key, values in self.query.items()}

    def __str__(self) -> str:
        """For people: without driver and password, and of the query (which may hold one) what says where the server is."""
        user = f"{quote(self.username, safe=' +')}@" if self.username else ""
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host or ""
        port = "" if self.port is None else f":{self.port}"
        database = "" if self.database is None else "/" + re.sub(r"[@?%]", lambda found: quote(found[0]), self.database)
        more = "&".join(f"{key}={value}" for key in _PLACES for value in self.query.get(key, ()))
        return f"{self.scheme}://{user}{host}{port}{database}" + (f"?{more}" if more else "")
