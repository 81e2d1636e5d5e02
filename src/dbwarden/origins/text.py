"""Files of other tools as text, with errors that name the file."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dbwarden.errors import UnreadableOrigin


def shown(path: Path, root: Path) -> str:
    """A path in messages, relative to the project's folder if it is below that."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def read_text(path: Path, root: Path) -> str:
    """The text of a file. Raises ``UnreadableOrigin``."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UnreadableOrigin(
            file=shown(path, root), reason=f"cannot be read: {error.strerror or 'unknown cause'}"
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableOrigin(file=shown(path, root), reason="is not UTF-8") from error


def read_python(path: Path, root: Path) -> ast.Module:
    """The syntax tree of a Python file, which is not executed. Raises ``UnreadableOrigin``."""
    try:
        return ast.parse(read_text(path, root))
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UnreadableOrigin(file=f"{shown(path, root)}{line}", reason="is not Python that can be read") from error


def read_toml(path: Path, root: Path) -> dict[str, Any]:
    """The document of a TOML file. Raises ``UnreadableOrigin``."""
    import tomllib  # deferred: few origins have one

    try:
        return tomllib.loads(read_text(path, root))
    except ValueError as error:
        raise UnreadableOrigin(file=shown(path, root), reason=str(error)) from error


def read_ini(path: Path, root: Path, defaults: Mapping[str, str]) -> configparser.ConfigParser:
    """An INI file in which ``%(name)s`` is replaced, also by ``defaults``. Raises ``UnreadableOrigin``."""
    parser = configparser.ConfigParser({name: value.replace("%", "%%") for name, value in defaults.items()})
    try:
        parser.read_string(read_text(path, root))
    except configparser.Error as error:
        raise UnreadableOrigin(file=shown(path, root), reason=" ".join(str(error).split())) from error
    return parser


def ini_value(parser: configparser.ConfigParser, section: str, key: str, file: str) -> str | None:
    """A value with its references replaced. Raises ``UnreadableOrigin`` for a reference to nothing."""
    try:
        return parser.get(section, key, fallback=None)
    except configparser.InterpolationError as error:
        reason = f"{key}: {' '.join(str(error).split())}"
        raise UnreadableOrigin(file=file, reason=reason) from error


_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*$")
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def read_dotenv(path: Path, root: Path) -> dict[str, str]:
    """The variables of a ``.env`` file; quotes are removed, and ``${NAME}`` is replaced outside of single quotes."""
    values: dict[str, str] = {}
    for line in read_text(path, root).splitlines():
        match = _ASSIGNMENT.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        value = match["value"]
        if quoted := re.match(r"""(['"])(.*?)\1(?:\s+#.*)?$""", value):
            literal, value = quoted[1] == "'", quoted[2]
        else:
            literal, value = False, re.split(r"\s+#", value)[0]
        if not literal:
            value = _REFERENCE.sub(lambda match: values.get(match[1] or match[2], ""), value)
        values[match["name"]] = value
    return values


def assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Assignments of simple names at the top of a module, also inside ``if`` and ``try``, in order."""
    yield from _assignments(tree.body)


def _assignments(statements: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in statements:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.If(body=body, orelse=orelse):
                yield from _assignments([*body, *orelse])
            case ast.Try(body=body, handlers=handlers):
                yield from _assignments([*body, *(each for handler in handlers for each in handler.body)])


def constant(node: ast.expr | None) -> Any:
    """The value of a literal; ``None`` for anything that would have to be computed."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError):
        return None


def variables_read(tree: ast.AST) -> tuple[str, ...]:
    """Names of the environment variables that a program reads: ``os.environ["X"]``, ``os.getenv("X")``."""
    names = (variable_read(node) for node in ast.walk(tree) if isinstance(node, ast.expr))
    return tuple(dict.fromkeys(name for name in names if name))


def variable_read(node: ast.expr) -> str | None:
    """Name of the environment variable that an expression reads."""
    match node:
        case ast.Subscript(
            value=ast.Attribute(attr="environ") | ast.Name(id="environ"), slice=ast.Constant(value=str(name))
        ):
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="environ") | ast.Name(id="environ"), attr="get")
            | ast.Attribute(attr="getenv")
            | ast.Name(id="getenv"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
    return None
