"""Pages of the reference that are written from the code as a whole: errors, and the functions in Python.

``python docs/check.py --write`` writes them.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

from docs.json_documents import documentation_of_fields, plain

REFERENCE = Path(__file__).parent / "reference"

ERRORS = """\
# Errors

Every error that DBWarden raises on purpose. The name is `code` in the [JSON document](json.md) and the class in Python, in
`dbwarden.errors`; all are subclasses of `DBWardenError`. *Exit* is the [exit code](exit-codes.md) of the command. The words
in braces are filled in.
"""
PYTHON = """\
# Python

Every command is a function that returns a report and prints nothing. Errors are exceptions, see [errors](errors.md).

```python
import dbwarden

report = dbwarden.status("primary")
print(report.pending, dbwarden.to_json(report))
```

The functions are synchronous. They may be called from any thread, and inside a running event loop (better: in a thread of it).
Reports are frozen dataclasses with the fields of the [JSON documents](json.md). Names are imported when they are first used, so
`import dbwarden` costs nothing.
"""


def texts() -> dict[Path, str]:
    """The pages."""
    return {REFERENCE / "errors.md": errors_page(), REFERENCE / "python.md": python_page()}


# -- errors -------------------------------------------------------------------------------------------------------


def errors_page() -> str:
    import dbwarden.errors as errors

    lines = [ERRORS]
    found = {getattr(errors, name) for name in dir(errors) if not name.startswith("_")}
    by_module: dict[str, list[type]] = {}
    for cls in found:
        if isinstance(cls, type) and issubclass(cls, errors.DBWardenError):
            by_module.setdefault(cls.__module__.rpartition(".")[2], []).append(cls)
    for module in ("base", *sorted(set(by_module) - {"base"})):
        lines.append(f"## {(sys.modules[f'dbwarden.errors.{module}'].__doc__ or '').splitlines()[0].rstrip('.')}\n")
        lines += ["| error | exit | message | hint |", "|---|---|---|---|"]
        for cls in sorted(by_module[module], key=lambda cls: cls.__name__):
            hint = getattr(cls, "hint", None) or ""
            lines.append(f"| `{cls.__name__}` | {cls.exit_code} | {cell(cls.__doc__ or '')} | {cell(hint)} |")  # type: ignore[attr-defined]
        lines.append("")
    return "\n".join(lines)


def cell(text: str) -> str:
    """A text in a table."""
    text = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return "as the place that raises it says" if text == "{message}" else plain(text)


# -- Python -------------------------------------------------------------------------------------------------------


def python_page() -> str:
    import dbwarden

    members = {name: getattr(dbwarden, name) for name in dbwarden.__all__ if not name.startswith("_")}
    functions = {name: value for name, value in members.items() if isinstance(value, FunctionType)}
    options = {name: value for name, value in members.items() if re.search("(Options|Flags|Candidate)$", name)}
    lines = [PYTHON, "## Functions\n"]
    for name in sorted(functions):
        lines += [
            f"### {name}\n",
            "```python",
            signature(name, functions[name]),
            "```\n",
            documentation(functions[name]),
            "",
        ]
    lines.append("## Options and questions\n")
    for name in sorted(options):
        lines += [f"### {name}\n", documentation(options[name]), "", *field_table(options[name]), ""]
    return "\n".join(lines).rstrip() + "\n"


def signature(name: str, function: FunctionType) -> str:
    """A function as it is called, one parameter a line if it is long."""
    written = inspect.signature(function)
    parameters = [written_parameter(parameter) for parameter in written.parameters.values()]
    first = next((n for n, p in enumerate(written.parameters.values()) if p.kind is p.KEYWORD_ONLY), None)
    if first is not None and not any(p.kind is p.VAR_POSITIONAL for p in written.parameters.values()):
        parameters.insert(first, "*")
    returns = f" -> {written.return_annotation}" if written.return_annotation is not written.empty else ""
    line = f"{name}({', '.join(parameters)}){returns}"
    return line if len(line) <= 100 else f"{name}(\n" + "".join(f"    {part},\n" for part in parameters) + f"){returns}"


def written_parameter(parameter: inspect.Parameter) -> str:
    """A parameter as in the source: annotations are texts there."""
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    annotation = f": {parameter.annotation}" if parameter.annotation is not parameter.empty else ""
    equals = " = " if annotation else "="
    default = f"{equals}{shown(parameter.default)}" if parameter.default is not parameter.empty else ""
    return f"{stars}{parameter.name}{annotation}{default}"


def shown(value: object) -> str:
    """A default value."""
    if isinstance(value, FunctionType):
        return value.__name__
    if is_dataclass(value):
        return f"{type(value).__name__}()"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def documentation(item: Any) -> str:
    return plain(inspect.getdoc(item) or "").replace("<", "&lt;")


def field_table(cls: Any) -> Iterator[str]:
    if not is_dataclass(cls):
        return
    texts_of_fields = documentation_of_fields(cls)
    yield from ("| field | type | default | meaning |", "|---|---|---|---|")
    for field in fields(cls):
        default = "" if field.default is MISSING else f"`{shown(field.default)}`"
        type_ = str(field.type).replace("|", "\\|")
        yield f"| `{field.name}` | `{type_}` | {default} | {texts_of_fields.get(field.name, '').replace('|', chr(92) + '|')} |"
