"""The name that a mistyped one probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str:
    """``; did you mean 'users'?`` for the end of a sentence, or nothing where no name is near."""
    from difflib import get_close_matches  # deferred: only a mistake pays for it

    as_written = {name.lower(): name for name in names}
    near = get_close_matches(word.lower(), as_written, n=1, cutoff=0.6) or [name for name in as_written if word in name]
    return f"; did you mean '{as_written[near[0]]}'?" if len(near) == 1 else ""
