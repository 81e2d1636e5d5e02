"""Diagnoses: what ``doctor`` finds out about a configuration, a server or an account, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """How bad a diagnosis is, the mildest first."""

    OK = "ok"
    NOTE = "note"
    """Something works otherwise than it could, or was not examined."""
    WARNING = "warning"
    """Migrations run, but may wait, block others or lose time."""
    PROBLEM = "problem"
    """Migrations cannot run."""

    @property
    def rank(self) -> int:
        """Position in the order above."""
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was examined."""

    subject: str
    """What was examined, in one or two words: ``driver``, ``privileges``."""
    grade: Grade
    text: str
    remedy: str = ""
    """What to type or change; empty if nothing has to be done."""
