"""The ``warden.py`` that ``init`` writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import iskeyword

from dbwarden.core.engine import DEVELOPMENT_URL, ENGINES
from dbwarden.core.redaction import redacted_text
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import InvalidName, InvalidSetting

from .settings import VALID_NAME

PASSWORD_VARIABLE = "DATABASE_PASSWORD"
PASSWORD = f"${{{PASSWORD_VARIABLE}}}"

_TEMPLATE = '''\
"""Databases that DBWarden looks after. All settings: `dbwarden settings show --all`."""

from dbwarden import database_config

# The application may import this too: {name}.engine, {name}.session(), {name}.async_session
{name} = database_config(
    database_name={quoted_name},
    default=True,
    database_type={database_type},
    # ${{NAME}} in any text is taken from the environment, so that no password stands in this file.
    database_url_sync={url},
    # Where the SQLAlchemy models are: modules (packages are walked), files or folders.
    model_paths={model_paths},
{ignored}    # Another database for `dbwarden --dev`:
    # dev_database_url={development_url},
    # How long a migration queues behind a long transaction (meanwhile, others queue behind us):
    # lock_timeout="5s",
)
'''
_IGNORED = """\
    # Tables of the tool that migrated this database before; they are left alone.
    ignore_tables={tables},
"""


def template(
    database_type: str,
    url: str | None = None,
    *,
    name: str = "primary",
    model_paths: Sequence[str] = ("app.models",),
    ignore_tables: Sequence[str] = (),
) -> str:
    """The text of a ``warden.py`` with one database; ``url`` defaults to the engine's example.

    A password in ``url`` is replaced by a reference to the environment variable ``DATABASE_PASSWORD``. References such as
    ``${DATABASE_URL}`` stay.
    """
    if database_type not in ENGINES:
        engines = ", ".join(ENGINES)
        reason = f"must be one of {engines}, not '{database_type}'{did_you_mean(database_type, ENGINES)}"
        raise InvalidSetting(source="init", key="database_type", owner="", reason=reason)
    if not VALID_NAME.fullmatch(name):
        raise InvalidName(source="init", name=redacted_text(name))
    url = url or ENGINES[database_type].template_url
    return _TEMPLATE.format(
        name=f"{name}_" if iskeyword(name) else name,
        quoted_name=_quoted(name),
        database_type=_quoted(database_type),
        url=_quoted(without_password(url)),
        model_paths=_list(model_paths),
        ignored=_IGNORED.format(tables=_list(ignore_tables)) if ignore_tables else "",
        development_url=_quoted(DEVELOPMENT_URL),
    )


def without_password(url: str) -> str:
    """The URL with a reference to ``DATABASE_PASSWORD`` in place of its password; references stay."""
    match = re.match(r"([^:]+://[^:/@]*:)([^@]+)@", url)
    if match is None or match[2].startswith("${"):
        return url
    return f"{match[1]}{PASSWORD}{url[match.end() - 1 :]}"


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal.startswith("'") and '"' not in literal else literal
