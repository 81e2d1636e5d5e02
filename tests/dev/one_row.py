"""A row with a value of every type: stored through the ORM, read again in another session, compared with its types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import dbwarden
from dbwarden.errors import LossyTranslation

from .project import DevProject


def dev_database(project: DevProject, metadata: sa.MetaData) -> sa.Engine:
    """The dev database of ``project`` after its first migration."""
    project.generate()
    project.migrate()
    engine = sa.create_engine(project.dev_url, poolclass=sa.NullPool)
    dbwarden.use_dev_database(engine, metadata)
    return engine


def stored(engine: sa.Engine, mapped: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` put in as a row of the mapped class, as another session gets it."""
    with Session(engine) as session:
        session.add(mapped(**values))
        session.commit()
    with Session(engine) as session:
        row = session.scalars(sa.select(mapped)).one()
        return {column.key: getattr(row, column.key) for column in mapped.__table__.columns}


def expect(row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Each of ``values`` is in the row, with its type."""
    wrong = {
        name: (row[name], value)
        for name, value in values.items()
        if row[name] != value or not isinstance(row[name], type(value))
    }
    assert wrong == {}


def losses_of(project: DevProject, table: str) -> dict[str, str]:
    """The reasons that ``--strict-translation`` gives, by column of ``table``."""
    with pytest.raises(LossyTranslation) as raised:
        project.generate(strict=True)
    losses = {}
    for loss in raised.value.losses:
        where, change = loss.split(": ", 1)
        losses[where.removeprefix(f"{table}.")] = change.partition(" (")[2].removesuffix(")")
    return losses
