"""One rule a module: its docstring is its page, ``judge(context)`` yields findings. Nothing is registered by hand."""

from __future__ import annotations

from pkgutil import iter_modules


def slugs() -> tuple[str, ...]:
    """The names of all rules, sorted, from the modules of the package; none of them is imported."""
    return tuple(sorted(module.name.replace("_", "-") for module in iter_modules(__path__)))
