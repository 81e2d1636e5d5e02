"""Bounds of partitions: the text of FOR VALUES, and its comparison without a server."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

_TOKEN = re.compile(r"'(?:[^']|'')*'|[(),]|[^\s(),']+")
_TIME = re.compile(r"\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::?\d\d)?)?")


def bounds_key(text: str) -> str:
    """Comparison key of bounds: values without quotes and the zone of the session, those of a list sorted."""
    tokens = [_token(token) for token in _TOKEN.findall(text)]
    words = [token for token in tokens if token not in ("(", ")", ",")]
    if words[:3] == ["FOR", "VALUES", "IN"]:
        return " ".join((*words[:3], *sorted(words[3:])))
    return " ".join(tokens)


def _token(token: str) -> str:
    if not token.startswith("'"):
        return _number(token) or token.upper()
    value = token[1:-1].replace("''", "'")
    number = _number(value)  # of a numeric column; a text such as '01' stays one
    return number if number == value else _instant(value) or token


def _number(text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return format(number.normalize(), "f") if number.is_finite() else None


def _instant(text: str) -> str | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is not None:
        time = time.astimezone(UTC)
    elif time.time().isoformat() == "00:00:00":
        return f"'{time.date()}'"
    return f"'{time.isoformat(' ')}'"
