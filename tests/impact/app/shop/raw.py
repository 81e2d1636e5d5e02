"""Uses in SQL text, and texts that are none."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from .models import User

REPORT = """
    SELECT u.name,
           u.phone AS number
      FROM users u
      JOIN vendors v ON v.phone = 'phone'
"""
OTHER = "SELECT phone FROM vendors WHERE phone IS NOT NULL"


def report(session: Session) -> list[str]:
    rows = session.execute(text(REPORT)).all()
    session.execute(text(OTHER))
    return [row.name for row in rows]


def missing(session: Session) -> int:
    return session.query(User).filter(text("phone IS NULL")).count()


def clean(session: Session, table: str) -> None:
    session.execute(text("UPDATE users SET phone = NULL " + "WHERE id = :id"), {"id": 1})
    session.execute(text(f"DELETE FROM {table} WHERE name = 'phone'"))
