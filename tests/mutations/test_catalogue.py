"""The catalogue of planted bugs stays true to the code: each can be planted, and is Python."""

from __future__ import annotations

import ast

import pytest

from .catalogue import MUTATIONS
from .mutation import ROOT, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.slug)
def test_can_be_planted(mutation: Mutation) -> None:
    ast.parse(mutation.apply())
    assert mutation.before != mutation.after
    for test in mutation.tests:
        if not test.startswith("-") and "/" in test:
            assert (ROOT / test.partition("::")[0]).exists(), test


def test_slugs_are_unique() -> None:
    slugs = [mutation.slug for mutation in MUTATIONS]
    assert len(slugs) == len(set(slugs))
