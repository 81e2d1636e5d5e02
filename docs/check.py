"""Compares the documentation with the program.

    python docs/check.py            every command shown parses, links lead somewhere, option tables are current
    python docs/check.py --write    writes what the program's own declarations say anew: option tables, pages of rules, schemas

The pages of rules (docs/rules) are the docstrings of their modules; they are written and compared as a whole.
An option table stands between `<!-- options: migrate -->` and `<!-- end -->`, the settings behind `<!-- settings -->`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # this file is also run as a script

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL
)
SHELL = {"console", "bash", "sh", "shell"}
TABLE = re.compile(
    r"(?P<open><!-- options: (?P<command>[\w -]+?) -->\n)(?P<body>.*?)(?P<close><!-- end -->)", re.DOTALL
)
SETTINGS = re.compile(r"(?P<open><!-- settings -->\n)(?P<body>.*?)(?P<close><!-- end -->)", re.DOTALL)
TYPES = re.compile(r"(?P<open><!-- types: (?P<engine>\w+) -->\n)(?P<body>.*?)(?P<close><!-- end -->)", re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
CUTS = {"|", "||", "&&", ";", ">", ">>", "2>", "&", "<"}


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it."""

    page: Path
    line: int
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: dbwarden {shlex.join(self.arguments)}"


def pages() -> list[Path]:
    front = [path for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md") if (path := ROOT / name).exists()]
    return [*front, *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]


# -- commands -----------------------------------------------------------------------------------------------------


def shown_commands(page: Path) -> Iterator[Shown]:
    text = page.read_text()
    for block in FENCE.finditer(text):
        if block["language"] not in SHELL:
            continue
        first = text.count("\n", 0, block.start("body")) + 1
        for line, written in joined_lines(block["body"], first):
            bare = written.strip().removeprefix("$ ")
            if bare.startswith("dbwarden ") or bare == "dbwarden":
                yield Shown(page, line, arguments(bare))


def joined_lines(body: str, line: int) -> Iterator[tuple[int, str]]:
    """Lines of a shell block, those that end in a backslash joined with the next."""
    joined, start = "", line
    for number, text in enumerate(body.splitlines(), line):
        start = start if joined else number
        if text.endswith("\\"):
            joined += text[:-1]
            continue
        yield start, joined + text
        joined = ""


def arguments(command: str) -> tuple[str, ...]:
    """The words after ``dbwarden``, up to a pipe or the next command."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word in CUTS:
            break
        words.append(word)
    return tuple(words[1:])


@cache
def application() -> Any:
    from typer.main import get_command

    from dbwarden.cli.app import app

    command = get_command(app)
    for parameter in command.params:
        if parameter.name in ("install_completion", "show_completion"):
            parameter.callback = None  # they act while they are parsed, on the home folder of whoever runs this
    return command


def command_names() -> list[str]:
    """Every command that does something: ``migrate``, ``settings show``."""
    return [name for name, _ in walk(application(), "")]


def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    if name and getattr(command, "invoke_without_command", False):
        yield name, command
    for part in command.list_commands(None):
        sub = command.get_command(None, part)
        if not sub.hidden:
            yield from walk(sub, f"{name} {part}".strip())


def parse(words: Iterable[str]) -> None:
    """Parses a command line as the program would, without running it; raises the program's own usage error."""
    from dbwarden.cli.session import globals_first

    front, rest = globals_first(tuple(words))
    descend(application(), "dbwarden", [*front, *rest], None)


def descend(command: Any, name: str, words: list[str], parent: Any) -> None:
    context = command.make_context(name, words, parent=parent)
    left = [*getattr(context, "_protected_args", ()), *context.args]
    if hasattr(command, "resolve_command") and left:
        name, sub, words = command.resolve_command(context, left)
        descend(sub, name, words, context)


def wrong_commands() -> Iterator[str]:
    import typer

    usage_error: type[Exception] = typer.BadParameter.__mro__[
        2
    ]  # Click's base class, wherever this Typer keeps its Click
    for page in pages():
        for shown in shown_commands(page):
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    parse(shown.arguments)
            except typer.Exit:
                pass  # --help, --version
            except usage_error as error:
                message = error.format_message() if hasattr(error, "format_message") else error
                yield f"{shown}: {message}"


# -- option tables ------------------------------------------------------------------------------------------------


def table(command: Any) -> str:
    """The arguments and options of a command as Markdown."""
    rows = [row(parameter) for parameter in command.params if not getattr(parameter, "hidden", False)]
    rows.append(("`--help`", "Show the help of this command."))
    lines = ["| argument or option | meaning |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)]
    return "\n".join(lines) + "\n"


def placeholder(parameter: Any) -> str:
    """The name of the value, without the brackets that mark it as optional: ``FILE...`` for ``[FILE]...``."""
    return str(parameter.metavar or parameter.name.upper()).replace("[", "").replace("]", "")


def row(parameter: Any) -> tuple[str, str]:
    text = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
    if parameter.param_type_name == "argument":
        return f"`{placeholder(parameter)}`", text
    names = ", ".join(f"`{name}`" for name in (*reversed(parameter.opts), *parameter.secondary_opts))
    if not parameter.is_flag and not getattr(parameter, "count", False):
        names += f" `{placeholder(parameter)}`".replace("|", "\\|")
    default = parameter.default
    if (
        isinstance(default, str | int | float)
        and not isinstance(default, bool)
        and str(default)
        and "default" not in text
    ):
        text += f" Default: `{getattr(default, 'value', default)}`."
    return names, text


def page_of(name: str) -> Path:
    return ROOT / "docs" / "commands" / f"{name.split()[0]}.md"


def filled(text: str) -> str:
    """A page's text with its option tables as they should be."""
    commands = dict(walk(application(), ""))

    def fill(found: re.Match[str]) -> str:
        command = commands.get(found["command"])
        return found[0] if command is None else f"{found['open']}\n{table(command)}\n{found['close']}"

    text = SETTINGS.sub(lambda found: f"{found['open']}\n{settings_table()}\n{found['close']}", text)
    text = TYPES.sub(lambda found: f"{found['open']}\n{types_table(found['engine'])}\n{found['close']}", text)
    return TABLE.sub(fill, text)


def settings_table() -> str:
    """Every setting of a database with its default."""
    from dbwarden.config.settings import Database

    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for field in fields(Database):
        if "documentation" in field.metadata:
            metadata = field.metadata
            default = "required" if metadata["required"] else metadata["shown"] or f"`{shown_default(field.default)}`"
            lines.append(f"| `{field.name}` | {default} | {metadata['documentation']} |".replace("<", "&lt;"))
    return "\n".join(lines) + "\n"


def types_table(engine: str) -> str:
    """The types of an engine that SQLAlchemy has too."""
    from dbwarden import dialects

    lines = ["| type | other names | in models | on a SQLite database with `--dev` |", "|---|---|---|---|"]
    for row in dialects.get(engine).types.rows:
        if row.sqlalchemy:
            aliases = ", ".join(f"`{alias}`" for alias in row.aliases)
            dev = f"`{row.dev.name.upper()}`" + (f": {row.dev.loss}" if row.dev.loss else "")
            lines.append(f"| `{row.key}` | {aliases} | `{row.sqlalchemy}` | {dev} |")
    return "\n".join(lines) + "\n"


def shown_default(value: object) -> str:
    return "[]" if value == () else str(value)


def wrong_tables() -> Iterator[str]:
    names = command_names()
    for name in names:
        path = page_of(name)
        if not path.exists():
            yield f"{path.relative_to(ROOT)} is missing: `dbwarden {name}` has no page"
        elif f"<!-- options: {name} -->" not in path.read_text():
            yield f"{path.relative_to(ROOT)} has no table `<!-- options: {name} -->`"
    for page in pages():
        text = page.read_text()
        for marker in TABLE.finditer(text):
            if marker["command"] not in names:
                yield f"{page.relative_to(ROOT)}: there is no command `dbwarden {marker['command']}`"
        if filled(text) != text:
            yield f"{page.relative_to(ROOT)}: the option table is out of date; run python docs/check.py --write"


def write_tables() -> None:
    for page in pages():
        text = page.read_text()
        if (new := filled(text)) != text:
            page.write_text(new)
            print(f"wrote {page.relative_to(ROOT)}")


# -- links --------------------------------------------------------------------------------------------------------


def wrong_links() -> Iterator[str]:
    for page in pages():
        for link in LINK.finditer(FENCE.sub("", page.read_text())):
            target = link["target"]
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            place, _, anchor = target.partition("#")
            path = (page.parent / place).resolve() if place else page
            if not path.exists():
                yield f"{page.relative_to(ROOT)}: {target} leads nowhere"
            elif anchor and path.suffix == ".md" and anchor not in anchors(path):
                yield f"{page.relative_to(ROOT)}: {place or page.name} has no heading #{anchor}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())).strip("-") for heading in headings}


# -- rules --------------------------------------------------------------------------------------------------------

RULES = ROOT / "docs" / "rules"


def rule_pages() -> dict[Path, str]:
    """The page of every rule, and the list of them."""
    from dbwarden.checks.run import all_rules

    listed = [
        "# Rules",
        "",
        "What `dbwarden check` looks for. `dbwarden check --explain RULE` shows the same pages.",
        "",
    ]
    texts = {}
    for rule in all_rules():
        title, _, text = rule.documentation.partition("\n")
        texts[RULES / f"{rule.slug}.md"] = f"# {title}\n\n`{rule.slug}`\n\n{text.strip()}\n"
        listed.append(f"- [{rule.slug}]({rule.slug}.md): {title}")
    texts[RULES / "index.md"] = "\n".join(listed) + "\n"
    return texts


def wrong_rules() -> Iterator[str]:
    expected = rule_pages()
    for page in sorted({*expected, *RULES.glob("*.md")}):
        place = page.relative_to(ROOT)
        if page not in expected:
            yield f"{place}: there is no such rule"
        elif not page.exists() or page.read_text() != expected[page]:
            yield f"{place} is not what the rule says; run python docs/check.py --write"


def write_rules() -> None:
    RULES.mkdir(exist_ok=True)
    expected = rule_pages()
    for page in set(RULES.glob("*.md")) - set(expected):
        page.unlink()
    for page, text in expected.items():
        if not page.exists() or page.read_text() != text:
            page.write_text(text)
            print(f"wrote {page.relative_to(ROOT)}")


# -- JSON documents -----------------------------------------------------------------------------------------------


def wrong_schemas() -> Iterator[str]:
    from docs import json_documents

    for name in sorted({*command_names()} ^ {*json_documents.REPORTS}):
        yield f"docs/json_documents.py: REPORTS and the commands differ in {name!r}"
    expected = {json_documents.file_of(name) for name in json_documents.REPORTS}
    for path in json_documents.SCHEMAS.glob("*.json"):
        if path not in expected:
            yield f"{path.relative_to(ROOT)}: there is no such command"


def wrong_written_pages() -> Iterator[str]:
    for path, text in written_pages().items():
        if not path.exists() or path.read_text() != text:
            yield f"{path.relative_to(ROOT)} is not what the code says; run python docs/check.py --write"


def written_pages() -> dict[Path, str]:
    """Files that are written from the code as a whole: the schemas of JSON documents, the lists of errors and functions."""
    from docs import json_documents, reference_pages

    return {**json_documents.texts(), **reference_pages.texts()}


def write_pages() -> None:
    for path, text in written_pages().items():
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}")


CHECKS = {
    "commands": wrong_commands,
    "option tables": wrong_tables,
    "links": wrong_links,
    "rules": wrong_rules,
    "schemas": wrong_schemas,
    "written pages": wrong_written_pages,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write option tables and pages of rules anew")
    if parser.parse_args().write:
        write_rules()
        write_pages()
        write_tables()
    wrong = [line for check in CHECKS.values() for line in check()]
    for line in wrong:
        print(line, file=sys.stderr)
    shown = sum(1 for page in pages() for _ in shown_commands(page))
    print(f"docs: {len(pages())} pages, {shown} commands shown, {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
