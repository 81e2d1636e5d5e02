"""Models in which columns change from type to type (``Integer > Text``): a table for each, so that one file tries many."""

from __future__ import annotations

import re
from collections.abc import Sequence

HEAD = "from sqlalchemy import *\nfrom sqlalchemy.dialects import postgresql as pg\n\nmetadata = MetaData()\n"


def models(conversions: Sequence[str]) -> tuple[str, str]:
    """The models before and after; the conversions' columns are ``t0.v``, ``t1.v`` and so on, beside a key ``id``."""
    pairs = [conversion.split(" > ") for conversion in conversions]
    before, after = (HEAD + "".join(_table(number, pair[side]) for number, pair in enumerate(pairs)) for side in (0, 1))
    return before, after


def _table(number: int, type_: str) -> str:
    type_ = re.sub(r"'(d|letters|signs)'", rf"'\g<1>{number}'", type_)  # domains and enums have names
    return f'Table("t{number}", metadata, Column("id", Integer, primary_key=True), Column("v", {type_}))\n'


def listed(text: str) -> list[str]:
    """The conversions of a table of them: at least two spaces or a line break apart."""
    return re.split(r"\s{2,}", text.strip())
