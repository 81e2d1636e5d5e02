"""Comparison keys of expressions: compares what a person wrote with what the servers print, without a server.

MySQL prints names in backticks, strings with an introducer, and parentheses around every operation; MariaDB prints no
parentheses that it does not need. Both replace synonyms (``substring`` by ``substr``) and move NOT inwards.

1. ``_TreeParser`` parses the text by operator precedence (manual, "Operator Precedence"; sql/sql_yacc.yy). If it contains syntax
   beyond this parser, there is no key.
2. ``_function``, ``_negated`` and ``_truth`` rewrite what the servers rewrite.
3. ``_print`` prints the tree with all parentheses.

Two different meanings must never have one key. Two texts of one meaning may have different keys: ``normalize_on_server``
then asks the server.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dbwarden.core.sqltext import Token, TokenKind, fold_case
from dbwarden.core.tokens import readable, unquoted

from .words import LEXICAL_RULES, is_implied, string_literal, string_value

Node = tuple[object, ...]
_ZERO: Node = ("atom", "0")
_COMPARISONS = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
"""Comparisons, with those that NOT makes of them."""
_LEVELS = {
    "or": 1, "||": 1, "xor": 2, "and": 3, "&&": 3, "=": 6, "<=>": 6, ">=": 6, ">": 6, "<=": 6, "<": 6, "<>": 6, "!=": 6,
    "|": 8, "&": 9, "<<": 10, ">>": 10, "+": 11, "-": 11, "*": 12, "/": 12, "div": 12, "%": 12, "mod": 12, "^": 13,
}  # fmt: skip
_NOT, _IS, _PREDICATE, _SIGN, _COLLATE = 4, 6, 7, 14, 16
_SAME = {"||": "or", "&&": "and", "!=": "<>", "mod": "%", "rlike": "regexp"}
_CONSTANTS = {"true": "1", "false": "0"}
_NAMES = {
    "character_length": "char_length", "octet_length": "length", "ucase": "upper", "lcase": "lower", "substring": "substr",
    "mid": "substr", "power": "pow", "ceil": "ceiling", "day": "dayofmonth", "now": "current_timestamp",
    "localtime": "current_timestamp", "localtimestamp": "current_timestamp", "current_date": "curdate",
    "current_time": "curtime", "sha1": "sha", "datediff": "datediff", "json_array_append": "json_array_append",
}  # fmt: skip
"""Synonyms of functions."""
_BARE_CALLS = frozenset("current_timestamp localtime localtimestamp current_date current_time current_user".split())
"""Functions that need no parentheses."""
_KEYWORDS = frozenset(
    "select from where over filter exists all any some row values default match against using as in is like between when"
    " then else end and or xor not div mod regexp rlike escape collate binary for interval distinct".split()
)
"""Words that are no names."""
_UNITS = re.compile(
    r"(?:microsecond|second|minute|hour|day|week|month|quarter|year|(?:second|minute|hour|day)_microsecond"
    r"|(?:minute|hour|day)_second|(?:hour|day)_minute|day_hour|year_month)\Z"
)
_TYPED = frozenset(("date", "time", "timestamp"))


class _UnknownSyntax(Exception):
    """Syntax beyond this parser."""


def key(text: str, condition: bool = False) -> str | None:
    """Comparison key of an expression, of which only the truth counts if it is a ``condition``; ``None`` if it has syntax
    beyond this parser."""
    try:
        node = _TreeParser(readable(text, LEXICAL_RULES)).parse_all()
    except (_UnknownSyntax, RecursionError):
        return None
    return _print(_truth(node) if condition else node)


class _TreeParser:
    """Parser by precedence climbing."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def parse_all(self) -> Node:
        node = self.expression(0)
        if self.at != len(self.tokens):
            raise _UnknownSyntax
        return node

    # -- tokens -------------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        """The next word or operator in lower case; empty for names in backticks, strings, numbers and at the end."""
        if self.at + ahead >= len(self.tokens):
            return ""
        token = self.tokens[self.at + ahead]
        return token.text.lower() if token.kind in (TokenKind.WORD, TokenKind.OPERATOR) else ""

    def kind(self, ahead: int = 0) -> TokenKind | None:
        return self.tokens[self.at + ahead].kind if self.at + ahead < len(self.tokens) else None

    def take(self, *words: str) -> bool:
        """Whether these words are next, which are then consumed."""
        if any(self.peek(ahead) != word for ahead, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.take(*words):
            raise _UnknownSyntax

    def next(self) -> Token:
        if self.at >= len(self.tokens):
            raise _UnknownSyntax
        self.at += 1
        return self.tokens[self.at - 1]

    # -- operators ----------------------------------------------------------------------------------------------------

    def expression(self, level: int) -> Node:
        node = self.prefix()
        while (operation := self.infix(node, level)) is not None:
            node = operation
        return node

    def prefix(self) -> Node:
        if self.take("not"):
            return _negated(self.expression(_NOT))
        if self.take("!"):
            return _negated(self.expression(_SIGN))
        if self.take("+"):
            return self.expression(_SIGN)
        if self.take("-"):
            return _minus(self.expression(_SIGN))
        if self.take("~"):
            return ("unary", "~", self.expression(_SIGN))
        if self.take("binary"):
            return ("cast", self.expression(_COLLATE), "char charset binary")
        return self.primary()

    def infix(self, left: Node, level: int) -> Node | None:
        word = self.peek()
        if word == "collate" and level < _COLLATE:
            self.at += 1
            return ("collate", left, fold_case(unquoted(self.next(), LEXICAL_RULES)))
        if word in ("->", "->>"):
            self.at += 1
            path = ("call", "json_extract", left, self.primary())
            return path if word == "->" else ("call", "json_unquote", path)
        if word == "is" and level < _IS:
            self.at += 1
            return self.is_(left)
        if level < _PREDICATE and (predicate := self.predicate(left)) is not None:
            return predicate
        power = _LEVELS.get(word)
        if power is None or level >= power:
            return None
        self.at += 1
        if self.peek() in ("all", "any", "some"):
            raise _UnknownSyntax
        if word in ("+", "-") and self.peek() == "interval":
            return ("shift", word, left, *self.interval())
        return _operation(_SAME.get(word, word), left, self.expression(power))

    def is_(self, left: Node) -> Node:
        negative = self.take("not")
        word = self.next().text.lower()
        if word not in ("null", "true", "false", "unknown"):
            raise _UnknownSyntax
        node = ("is", left, "null") if word in ("null", "unknown") else ("is", _truth(left), word)
        return _negated(node) if negative else node

    def predicate(self, left: Node) -> Node | None:
        """IN, BETWEEN, LIKE, REGEXP, SOUNDS LIKE, MEMBER OF."""
        start, negative = self.at, self.take("not")
        node: Node | None = None
        if self.take("in"):
            self.need("(")
            items = self.arguments()
            node = _operation("=", left, items[0]) if len(items) == 1 else ("in", left, *items)
        elif self.take("between"):
            low = self.expression(_PREDICATE)
            self.need("and")
            node = ("between", left, low, self.expression(_PREDICATE - 1))
        elif self.take("like"):
            pattern = self.expression(_PREDICATE)
            node = ("like", left, pattern, *((self.expression(_PREDICATE),) if self.take("escape") else ()))
        elif self.take("regexp") or self.take("rlike"):
            node = ("call", "regexp_like", left, self.expression(_PREDICATE))
        elif self.take("sounds", "like"):
            node = _operation("=", ("call", "soundex", left), ("call", "soundex", self.expression(_PREDICATE)))
        elif self.take("member", "of"):
            node = ("member", left, self.primary())
        if node is None:
            self.at = start
            return None
        return _negated(node) if negative else node

    # -- operands -----------------------------------------------------------------------------------------------------

    def primary(self) -> Node:
        token = self.next()
        if token.kind is TokenKind.STRING:
            return _string(token.text)
        if token.kind is TokenKind.NUMBER:
            return _number(token.text)
        if token.kind is TokenKind.IDENTIFIER:
            return self.name(unquoted(token, LEXICAL_RULES))
        if token.text == "(":
            items = self.arguments()
            return items[0] if len(items) == 1 else ("row", *items)
        if token.kind is not TokenKind.WORD:
            raise _UnknownSyntax
        return self.word(token.text.lower(), token.text)

    def word(self, word: str, text: str) -> Node:
        if self.kind() is TokenKind.STRING and (word in _TYPED or is_implied(word, self.tokens[self.at].text)):
            value = _string(self.next().text)
            return value if word not in _TYPED else ("typed", word, value)
        if word == "case":
            return self.case()
        if word == "interval" and self.peek() != "(":
            amount = self.interval()
            self.need("+")
            return ("shift", "+", self.expression(_LEVELS["+"]), *amount)
        if self.peek() == "(":
            self.at += 1
            return self.call(word)
        if word in _BARE_CALLS:
            return _function(word, [])
        if word in _CONSTANTS or word == "null":
            return ("atom", _CONSTANTS.get(word, word))
        if word in _KEYWORDS or self.kind() is TokenKind.STRING:
            raise _UnknownSyntax
        return self.name(text)

    def name(self, name: str) -> Node:
        if self.peek() == ".":
            raise _UnknownSyntax
        return ("name", fold_case(name))

    def case(self) -> Node:
        subject = None if self.peek() == "when" else self.expression(0)
        parts: list[Node] = []
        while self.take("when"):
            condition = self.expression(0)
            self.need("then")
            parts += [condition if subject else _truth(condition), self.expression(0)]
        other = self.expression(0) if self.take("else") else None
        self.need("end")
        if not parts:
            raise _UnknownSyntax
        return ("case", subject or ("none",), other or ("none",), *parts)

    def interval(self) -> tuple[Node, str]:
        """INTERVAL amount unit."""
        self.need("interval")
        amount = self.expression(0)
        unit = self.next().text.lower()
        if not _UNITS.match(unit):
            raise _UnknownSyntax
        return amount, unit

    def arguments(self) -> list[Node]:
        """Expressions up to the closing parenthesis."""
        if self.take(")"):
            return []
        items = [self.expression(0)]
        while self.take(","):
            items.append(self.expression(0))
        self.need(")")
        return items

    # -- functions ----------------------------------------------------------------------------------------------------

    def call(self, word: str) -> Node:
        """A function behind its opening parenthesis."""
        match word:
            case "cast":
                return self.cast("as")
            case "convert":
                return self.cast(",")
            case "extract":
                unit = self.next().text.lower()
                self.need("from")
                return self.closed("extract", ("atom", unit), self.expression(0))
            case "trim":
                return self.trim()
            case "position":
                text = self.expression(_PREDICATE)
                self.need("in")
                return self.closed("locate", text, self.expression(0))
            case "substr" | "substring" | "mid":
                return self.substring()
            case "date_add" | "adddate" | "date_sub" | "subdate":
                return self.date_sum("+" if word.endswith("add") or word.startswith("add") else "-")
            case "timestampdiff" | "timestampadd":
                unit = self.next().text.lower().removeprefix("sql_tsi_")
                self.need(",")
                return ("call", word, ("atom", unit), *self.arguments())
        if word in _KEYWORDS and word not in ("mod", "values"):
            raise _UnknownSyntax
        return _function(word, self.arguments())

    def closed(self, name: str, *arguments: Node) -> Node:
        self.need(")")
        return ("call", name, *arguments)

    def cast(self, separator: str) -> Node:
        value = self.expression(0)
        if separator == "," and self.take("using"):
            return self.closed("convert using", value, ("atom", fold_case(unquoted(self.next(), LEXICAL_RULES))))
        self.need(separator)
        words: list[str] = []
        depth = 0
        while depth or self.peek() != ")":
            token = self.next()
            depth += (token.text == "(") - (token.text == ")")
            words.append(fold_case(unquoted(token, LEXICAL_RULES)))
        self.need(")")
        return ("cast", value, _cast_type(" ".join(words)))

    def trim(self) -> Node:
        side = "both"
        if self.peek() in ("both", "leading", "trailing"):
            side = self.next().text.lower()
        elif self.peek(1) != "from":
            value = self.expression(0)
            if self.take(")"):
                return ("call", "trim", value)
            self.need("from")
            return self.closed("trim both", value, self.expression(0))
        if self.take("from"):
            return self.closed(f"trim {side}", self.expression(0))
        operand = self.expression(0)
        self.need("from")
        return self.closed(f"trim {side}", operand, self.expression(0))

    def substring(self) -> Node:
        items = [self.expression(0)]
        while self.take(",") or self.take("from") or self.take("for"):
            items.append(self.expression(0))
        return self.closed("substr", *items)

    def date_sum(self, sign: str) -> Node:
        moment = self.expression(0)
        self.need(",")
        amount = self.interval() if self.peek() == "interval" else (self.expression(0), "day")
        self.need(")")
        return ("shift", sign, moment, *amount)


# -- rewriting ----------------------------------------------------------------------------------------------------


def _operation(operator: str, left: Node, right: Node) -> Node:
    if operator in ("and", "or", "xor"):
        parts = [part for side in (_truth(left), _truth(right)) for part in _flat(side, operator)]
        return (operator, *parts)
    return ("op", operator, left, right)


def _flat(node: Node, operator: str) -> Sequence[Node]:
    return node[1:] if node[0] == operator else (node,)  # type: ignore[return-value]


def _minus(node: Node) -> Node:
    if node[0] == "atom" and str(node[1])[:1].isdigit():
        return ("atom", f"-{node[1]}")
    return ("unary", "-", node)


def _truth(node: Node) -> Node:
    """A condition without what MySQL writes around a number: ``(0 <> n)``."""
    if node[0] == "op" and node[1] in ("<>", "=") and node[2] == _ZERO:
        other: Node = node[3]  # type: ignore[assignment]
        return _truth(other) if node[1] == "<>" else ("not", _truth(other))
    return node


def _negated(node: Node) -> Node:
    """NOT, moved inwards as the servers do."""
    node = _truth(node)
    if node[0] == "op" and node[1] in _COMPARISONS:
        return ("op", _COMPARISONS[str(node[1])], *node[2:])
    if node[0] in ("and", "or"):
        return ("or" if node[0] == "and" else "and", *map(_negated, node[1:]))  # type: ignore[arg-type]
    if node[0] == "not" and isinstance(node[1], tuple) and node[1][0] in ("is", "in", "between", "like", "not"):
        return node[1]
    return ("not", node)


def _function(word: str, arguments: list[Node]) -> Node:
    name = _NAMES.get(word, word)
    if name == "mod" and len(arguments) == 2:
        return ("op", "%", *arguments)
    if name == "instr" and len(arguments) == 2:
        return ("call", "locate", arguments[1], arguments[0])
    if name == "date" and len(arguments) == 1:
        return ("cast", arguments[0], "date")
    if name == "round" and len(arguments) == 1:
        return ("call", name, arguments[0], _ZERO)
    if name == "if" and arguments:
        arguments = [_truth(arguments[0]), *arguments[1:]]
    if name == "current_timestamp" and arguments == [_ZERO]:
        arguments = []
    return ("call", name, *arguments)


def _cast_type(text: str) -> str:
    words = text.replace("character set", "charset").replace("character", "char").split()
    if words[-2:] == ["charset", "utf8mb4"]:
        words = words[:-2]
    if words[0] in ("signed", "unsigned"):
        words = words[:1]
    return "decimal ( 10 , 0 )" if words == ["decimal"] else " ".join(words)


def _string(text: str) -> Node:
    first = text[0]
    if first in "xXbB":
        digits = text[2:-1]
        return _bytes(int(digits or "0", 16 if first in "xX" else 2), len(digits) // (2 if first in "xX" else 8) or 1)
    value = string_value(text[1:] if first in "nN" else text)
    if value is None:
        raise _UnknownSyntax
    return ("string", string_literal(value))


def _bytes(number: int, length: int) -> Node:
    return ("atom", f"0x{number:0{2 * length}x}")


def _number(text: str) -> Node:
    text = text.lower()
    if text.startswith(("0x", "0b")):
        digits = text[2:]
        base = 16 if text[1] == "x" else 2
        return _bytes(int(digits, base), (len(digits) + 1) // 2 if base == 16 else (len(digits) + 7) // 8)
    if not re.fullmatch(r"[0-9.]+(?:e[+-]?[0-9]+)?", text):
        raise _UnknownSyntax  # a name that begins with a digit
    return ("atom", f"0{text}" if text[0] == "." else text)


# -- printing -----------------------------------------------------------------------------------------------------


def _print(node: Node) -> str:
    inner = [_print(part) if isinstance(part, tuple) else str(part) for part in node[1:]]
    match node[0]:
        case "atom" | "string" | "name":
            return inner[0] if node[0] != "name" or re.fullmatch(r"[a-z_]\w*", inner[0]) else f"`{inner[0]}`"
        case "and" | "or" | "xor":
            return f"({f' {node[0]} '.join(inner)})"
        case "op":
            return f"({inner[1]} {inner[0]} {inner[2]})"
        case "call":
            return f"{inner[0]}({','.join(inner[1:])})"
        case "in":
            return f"({inner[0]} in ({','.join(inner[1:])}))"
    return f"{node[0]}({','.join(inner)})"
