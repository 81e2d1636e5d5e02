"""Suggests names for a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str], *, most: int = 3, cutoff: float = 0.6) -> list[str]:
    """The names most similar to ``word``, regardless of case, the best first."""
    from difflib import get_close_matches  # deferred: only a mistake pays for it

    written = {name.lower(): name for name in names}
    return [written[name] for name in get_close_matches(word.lower(), written, n=most, cutoff=cutoff)]


def did_you_mean(word: str, names: Iterable[str], *, most: int = 1, quote: str = "'") -> str:
    """``; did you mean 'users'?`` for the end of a message: the nearest names, else the only one that contains ``word``, as one
    of its words or anywhere."""
    names = list(names)
    whole = [name for name in names if word.lower() in name.lower().split("_")]
    containing = [name for name in names if word.lower() in name.lower()]
    only = next((matches for matches in (whole, containing) if len(matches) == 1), [])
    suggestions = nearest(word, names, most=most) or only
    return f"; did you mean {' or '.join(f'{quote}{name}{quote}' for name in suggestions)}?" if suggestions else ""
