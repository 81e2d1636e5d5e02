"""Rules, one per module: the docstring is the rule's page, ``check(context)`` yields its findings."""

from __future__ import annotations

from pkgutil import iter_modules


def slugs() -> tuple[str, ...]:
    """Sorted names of all rules, from the names of the modules, which are not imported."""
    return tuple(sorted(module.name.replace("_", "-") for module in iter_modules(__path__)))
