"""What a mistyped name probably meant."""

from __future__ import annotations

import pytest

from dbwarden.core.suggestions import did_you_mean, nearest

NAMES = ("Users", "user_roles", "orders")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("usres", "; did you mean 'Users'?"),
        ("USERS", "; did you mean 'Users'?"),
        ("roles", "; did you mean 'user_roles'?"),  # contained in one name alone
        ("er", ""),  # contained in more than one
        ("invoice", ""),
    ],
)
def test_a_sentence_ends_with_the_nearest_name(word: str, sentence: str) -> None:
    assert did_you_mean(word, NAMES) == sentence


def test_the_best_come_first_and_no_more_than_wanted() -> None:
    assert nearest("user", ("uses", "users", "use", "orders")) == ["users", "use", "uses"]
    assert did_you_mean("user", ("uses", "users", "use"), most=2, quote="`") == "; did you mean `users` or `use`?"
    assert nearest("roles", NAMES, cutoff=0.8) == []
