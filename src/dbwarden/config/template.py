"""The ``warden.py`` that ``init`` writes."""

from __future__ import annotations

import re

from dbwarden.core.engine import DEVELOPMENT_URL, ENGINES
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import InvalidSetting

PASSWORD = "${DATABASE_PASSWORD}"

_TEMPLATE = '''\
"""Databases that DBWarden looks after. All settings: `dbwarden settings show --all`."""

from dbwarden import database_config

# The application may import this too: primary.engine, primary.session(), primary.async_session
primary = database_config(
    database_name="primary",
    default=True,
    database_type={database_type},
    # ${{NAME}} in any text is taken from the environment, so that no password stands in this file.
    database_url_sync={url},
    # Where the SQLAlchemy models are: modules (packages are walked), files or folders.
    model_paths=["app.models"],
    # Another database for `dbwarden --dev`:
    # dev_database_url={development_url},
    # How long a migration queues behind a long transaction (meanwhile, others queue behind us):
    # lock_timeout="5s",
)
'''


def template(database_type: str, url: str | None = None) -> str:
    """The text of a ``warden.py`` with one database, ``primary``; ``url`` defaults to the engine's example.

    A password in ``url`` is replaced by a reference to the environment variable ``DATABASE_PASSWORD``. References such as
    ``${DATABASE_URL}`` stay.
    """
    if database_type not in ENGINES:
        engines = ", ".join(ENGINES)
        reason = f"must be one of {engines}, not '{database_type}'{did_you_mean(database_type, ENGINES)}"
        raise InvalidSetting(source="init", key="database_type", owner="", reason=reason)
    url = url or ENGINES[database_type].template_url
    return _TEMPLATE.format(
        database_type=_quoted(database_type),
        url=_quoted(_without_password(url)),
        development_url=_quoted(DEVELOPMENT_URL),
    )


def _without_password(url: str) -> str:
    match = re.match(r"([^:]+://[^:/]*:)([^@]+)@", url)
    if match is None or match[2].startswith("${"):
        return url
    return f"{match[1]}{PASSWORD}{url[match.end() - 1 :]}"


def _quoted(text: str) -> str:
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal.startswith("'") and '"' not in literal else literal
