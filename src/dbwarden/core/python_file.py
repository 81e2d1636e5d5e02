"""Seeds in Python: a function ``upgrade(session)`` and, to be rolled back, ``rollback(session)``.

The source is only parsed here. Assignments of constants at the top of the module are its headers:
``depends_on = ["0001"]``, ``transaction = "off"``, ``irreversible = "reason"``.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dbwarden.errors import FileFormatError

from .file import MigrationFile
from .file_headers import HEADERS_BY_NAME
from .filename import parse_name
from .sqltext import SqlStatement

_HEADERS = ("depends_on", "transaction", "irreversible")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class PythonFile(MigrationFile):
    """A seed in Python. Each direction that it has is one unit: one statement whose text is the whole file."""

    functions: frozenset[str] = frozenset()
    """Those of ``upgrade`` and ``rollback`` that it defines."""

    @property
    def seed(self) -> bool:
        return True

    @property
    def is_sql(self) -> bool:
        return False

    @property
    def engines(self) -> tuple[str, ...]:
        return ()

    def upgrade(self, engine: str | None = None) -> tuple[SqlStatement, ...]:
        return self._unit("upgrade")

    def rollback(self, engine: str | None = None) -> tuple[SqlStatement, ...]:
        return self._unit("rollback")

    def _unit(self, function: str) -> tuple[SqlStatement, ...]:
        return (SqlStatement(self.text, 0, 1),) if function in self.functions else ()

    def rollback_sql(self, engine: str | None = None) -> str:
        """Empty: code that the database holds is never executed."""
        return f"-- irreversible: {self.irreversible}" if self.irreversible else ""

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the lines without their ends and trailing white space; comments count."""
        lines = (line.rstrip() for line in self.text.splitlines())
        return hashlib.sha256("\n".join(lines).strip().encode()).hexdigest()


def parse_python(name: str, text: str, database: str | None = None, *, digest: str = "") -> PythonFile:
    """Parse a seed in Python. Raises ``FileNameError``, ``FileFormatError``."""
    text = text.removeprefix("\ufeff")
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise FileFormatError(
            file=name, line=error.lineno or 1, column=error.offset or 1, reason=error.msg or "invalid syntax"
        ) from None
    functions = {node.name: node for node in module.body if isinstance(node, _Function)}
    for function in ("upgrade", "rollback"):
        if function in functions:
            _check_signature(name, functions[function])
    if "upgrade" not in functions:
        reason = "no function `upgrade`: a seed in Python defines `def upgrade(session): ...`"
        raise FileFormatError(file=name, line=1, column=1, reason=reason)
    headers = dict(_headers(name, module))
    return PythonFile(
        name,
        *parse_name(name, database),
        text,
        headers,
        digest=digest,
        functions=frozenset(functions) & {"upgrade", "rollback"},
    )


def _check_signature(name: str, function: _Function) -> None:
    arguments = function.args
    required = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    accepts_one = required <= 1 and (arguments.posonlyargs or arguments.args or arguments.vararg)
    if not accepts_one or any(default is None for default in arguments.kw_defaults):
        reason = f"`{function.name}` is called with one argument, the session: `def {function.name}(session): ...`"
        raise FileFormatError(file=name, line=function.lineno, column=function.col_offset + 1, reason=reason)


def _headers(name: str, module: ast.Module) -> Iterator[tuple[str, Any]]:
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=header)], value=value) if header in _HEADERS:
                yield header, _value(name, header, value)
            case ast.AnnAssign(target=ast.Name(id=header), value=ast.expr() as value) if header in _HEADERS:
                yield header, _value(name, header, value)


def _value(name: str, header: str, node: ast.expr) -> Any:
    try:
        constant = ast.literal_eval(node)
        text = constant if isinstance(constant, str) else json.dumps(constant)
        return HEADERS_BY_NAME[header].read(text)
    except (TypeError, ValueError) as error:
        expected = str(error) if not isinstance(error, TypeError) and "malformed" not in str(error) else "a constant"
        raise FileFormatError(
            file=name, line=node.lineno, column=node.col_offset + 1, reason=f"`{header}` expects {expected}"
        ) from None
