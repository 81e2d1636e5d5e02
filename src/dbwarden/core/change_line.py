"""Describes one change in one sentence: ``customers.phone: VARCHAR(20) → VARCHAR(40)``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LONGEST = 80
"""Maximum number of characters of a value in a sentence."""
_CONTEXT = 24
"""Number of characters shown before the first difference of two long texts."""


class Verb(Enum):
    """The kind of change that a line describes."""

    ADD = "add"
    DROP = "drop"
    CHANGE = "change"
    RENAME = "rename"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change. The values are complete; the sentences shorten them."""

    verb: Verb
    subject: str
    """Subject of the sentence: ``orders``, ``orders.total``, ``orders: index by_date``; empty if ``noun`` suffices."""
    noun: str
    """Part of the subject: ``column published_at``, ``default``; empty if the values alone are clear."""
    before: str | None = None
    after: str | None = None
    named: bool = False
    """Whether ``noun`` identifies what is dropped, so that a drop needs no more words."""
    note: str = ""
    """Remark in brackets at the end of the sentence."""

    @property
    def text(self) -> str:
        """The sentence of a plan: ``posts: add column published_at DATETIME``."""
        before, after = _shorten_both(self.before, self.after)
        match self.verb:
            case Verb.CHANGE:
                words = _join(self.noun, f"{before or 'none'} → {after or 'none'}")
            case Verb.RENAME | Verb.MOVE:
                words = _join(self.verb.value, self.noun, f"{before} → {after}")
            case Verb.DROP:
                words = _join("drop", self.noun, "" if self.named else before)
            case Verb.ADD:
                words = _join("add", self.noun, after)
        return self._with_place(words)

    def drift(self, other: str = "database") -> str:
        """The sentence of a comparison: ``customers.phone: database has VARCHAR(20), models say VARCHAR(40)``."""
        before, after = _shorten_both(self.before, self.after)
        match self.verb:
            case Verb.ADD:
                words = f"{_join(self.noun, after)} is in the models, not in the {other}"
            case Verb.DROP:
                words = f"{_join(self.noun, before)} is in the {other}, not in the models"
            case _:
                has, say = _join(self.noun, before or "none"), _join(self.noun, after or "none")
                words = f"{other} has {has}, models say {say}"
        return self._with_place(words)

    @property
    def mismatch(self) -> str:
        """The sentence about a deviation: ``customers.phone: VARCHAR(20) instead of VARCHAR(40)``."""
        before, after = _shorten_both(self.before, self.after)
        match self.verb:
            case Verb.ADD:
                words = f"{_join(self.noun, after)} is not there"
            case Verb.DROP:
                words = f"{_join(self.noun, before)} is there, and should not be"
            case _:
                words = _join(self.noun, f"{before or 'none'} instead of {after or 'none'}")
        return self._with_place(words)

    def _with_place(self, words: str) -> str:
        sentence = f"{self.subject}: {words}" if self.subject else words
        return f"{sentence} ({self.note})" if self.note else sentence


def _join(*words: str | None) -> str:
    return " ".join(word for word in words if word)


_BREAK = re.compile(r"\s*[\r\n]\s*")


def _one_line(text: str | None) -> str | None:
    return None if text is None else _BREAK.sub(" ", text.strip())


def _shorten_both(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Both texts on one line each and at most ``LONGEST`` long: of long ones, the part where they differ."""
    before, after = _one_line(before), _one_line(after)
    start = 0
    if before and after and max(len(before), len(after)) > LONGEST:
        start = max(0, _shared(before, after) - _CONTEXT)
    return _window(before, start), _window(after, start)


def _shared(before: str, after: str) -> int:
    """Length of the common beginning of two texts."""
    return next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )


def _window(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    front = "…" if start else ""
    return front + (text[start:] if len(text) - start <= LONGEST else f"{text[start : start + LONGEST - 1].rstrip()}…")
