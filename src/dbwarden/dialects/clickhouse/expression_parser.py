"""Comparison keys of expressions: function calls, equal for all spellings that the server parses to the same tree.

``a + INTERVAL 1 DAY`` and ``(plus(a, toIntervalDay(1)))`` have one key. The parser follows the precedence of the server's
own (ExpressionListParsers). What it does not know raises ``NotAnExpression``, and the tokens are compared instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import NAMES

from .words import NAMES as NAME_RULES
from .words import name_of, string_literal, unescaped

Node: TypeAlias = "str | Call"


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; operators are functions too."""

    name: str
    """In lower case, unless it is that of an operator: many are known in any letter case, and none differ in case alone."""
    args: tuple[Node, ...]
    written: str = field(default="", compare=False)
    """The name as written; empty for that of an operator."""

    def __str__(self) -> str:
        return f"{self.name}({','.join(map(str, self.args))})"


class NotAnExpression(ValueError):
    """The text is not an expression of the known grammar."""


_BINARY = {
    "=": "equals", "==": "equals", "!=": "notEquals", "<>": "notEquals", "<": "less", ">": "greater", "<=": "lessOrEquals",
    ">=": "greaterOrEquals", "<=>": "isNotDistinctFrom", "||": "concat", "+": "plus", "-": "minus", "*": "multiply",
    "/": "divide", "%": "modulo", "MOD": "modulo", "DIV": "intDiv", "LIKE": "like", "ILIKE": "ilike", "REGEXP": "match",
    "IN": "in", "AND": "and", "OR": "or",
}  # fmt: skip
_PRECEDENCE = {
    "OR": 2, "AND": 3, "IS": 5, "BETWEEN": 6, "NOT": 7, "=": 8, "==": 8, "!=": 8, "<>": 8, "<": 8, ">": 8, "<=": 8, ">=": 8,
    "<=>": 8, "LIKE": 8, "ILIKE": 8, "REGEXP": 8, "IN": 8, "GLOBAL": 8, "||": 9, "+": 10, "-": 10, "*": 11, "/": 11,
    "%": 11, "MOD": 11, "DIV": 11,
}  # fmt: skip
_TERNARY, _NOT, _UNARY = 1, 4, 12
_FLAT = frozenset(("and", "or", "concat"))
"""Functions whose nested calls the server joins."""
_NEGATED = {"like": "notLike", "ilike": "notILike", "in": "notIn", "match": "notMatch"}
_UNITS = frozenset("NANOSECOND MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR".split())
_CONSTANTS = {"CURRENT_TIMESTAMP": "now()", "NULL": "NULL", "TRUE": "true", "FALSE": "false"}
_NOT_OPERANDS = frozenset("SELECT FROM WHERE THEN WHEN ELSE END AND OR BETWEEN AS".split())


def parse(tokens: Sequence[Token]) -> Node:
    """The tree of an expression. Raises ``NotAnExpression``."""
    parser = _PrecedenceParser(tokens)
    node = parser.lambda_or_ternary()
    if parser.token() is not None:
        raise NotAnExpression
    return node


class _PrecedenceParser:
    """Operator-precedence parser over the tokens of one expression."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def token(self, ahead: int = 0) -> Token | None:
        at = self.at + ahead
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def word(self, ahead: int = 0) -> str:
        """The token in upper case; empty past the end and for a quoted one."""
        token = self.token(ahead)
        return "" if token is None or token.kind in (TokenKind.IDENTIFIER, TokenKind.STRING) else token.text.upper()

    def skip(self, *words: str) -> bool:
        if any(self.word(ahead) != word for ahead, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.skip(word):
            raise NotAnExpression

    # -- operators

    def lambda_or_ternary(self) -> Node:
        node = self.binary(_TERNARY + 1)
        if self.skip("->"):
            return Call(
                "lambda", (node if isinstance(node, Call) else Call("tuple", (node,)), self.lambda_or_ternary())
            )
        if self.skip("?"):
            first = self.lambda_or_ternary()
            self.expect(":")
            return Call("if", (node, first, self.lambda_or_ternary()))
        return node

    def binary(self, least: int) -> Node:
        """An operand and the operators behind it that bind at least as strongly as ``least``."""
        node = self.unary()
        while (strength := _PRECEDENCE.get(self.word(), 0)) >= least:
            if self.word() == "NOT" and self.word(1) not in ("LIKE", "ILIKE", "IN", "BETWEEN", "REGEXP"):
                break
            node = self.operator(node, strength)
        return node

    def operator(self, left: Node, strength: int) -> Node:
        if self.skip("IS"):
            return self.is_null(left)
        self.skip("GLOBAL")
        negated = self.skip("NOT")
        if self.skip("BETWEEN"):
            return self.between(left, negated)
        name = _BINARY.get(self.word())
        if name is None:
            raise NotAnExpression
        self.at += 1
        call = joined(name, left, self.binary(strength + 1))
        return Call(_NEGATED[name], call.args) if negated else call

    def is_null(self, left: Node) -> Node:
        negated = self.skip("NOT")
        if self.skip("DISTINCT", "FROM"):
            name = "isNotDistinctFrom" if negated else "isDistinctFrom"
            return Call(name, (left, self.binary(_PRECEDENCE["="] + 1)))
        self.expect("NULL")
        return Call("isNotNull" if negated else "isNull", (left,))

    def between(self, left: Node, negated: bool) -> Node:
        low = self.binary(_PRECEDENCE["BETWEEN"] + 1)
        self.expect("AND")
        high = self.binary(_PRECEDENCE["BETWEEN"] + 1)
        if negated:
            return joined("or", Call("less", (left, low)), Call("greater", (left, high)))
        return joined("and", Call("greaterOrEquals", (left, low)), Call("lessOrEquals", (left, high)))

    def unary(self) -> Node:
        if self.skip("NOT"):
            return Call("not", (self.binary(_NOT),))
        if self.skip("+"):
            return self.binary(_UNARY)
        if self.skip("-"):
            operand = self.binary(_UNARY)
            number = isinstance(operand, str) and operand[:1].isdigit()
            return f"-{operand}" if number else Call("negate", (operand,))
        return self.postfix(self.primary())

    def postfix(self, node: Node) -> Node:
        while True:
            if self.skip("["):
                node = Call("arrayElement", (node, self.lambda_or_ternary()))
                self.expect("]")
            elif self.skip("::"):
                node = Call("cast", (node, string_literal(self.type())))
            elif self.word() == "." and not isinstance(node, str):
                self.at += 1
                node = Call("tupleElement", (node, string_literal(self.name())))
            elif self.word()[:1] == "." and self.word()[1:].isdigit():  # a.1 is read as the number .1
                node = Call("tupleElement", (node, self.word()[1:]))
                self.at += 1
            else:
                return node

    # -- operands

    def primary(self) -> Node:
        token = self.token()
        if token is None:
            raise NotAnExpression
        if token.kind is TokenKind.NUMBER:
            self.at += 1
            return _number(token.text)
        if token.kind is TokenKind.STRING:
            self.at += 1
            return string_literal(unescaped(token.text)) if token.text[0] == "'" else token.text
        if token.kind in NAMES:
            return self.named()
        return self.bracketed()

    def bracketed(self) -> Node:
        if self.skip("("):
            nodes = self.arguments(")")
            self.expect(")")
            comma = self.tokens[self.at - 2].text == ","
            return nodes[0] if len(nodes) == 1 and not comma else Call("tuple", nodes)
        if self.skip("["):
            nodes = self.arguments("]")
            self.expect("]")
            return Call("array", nodes)
        if self.skip("*"):
            return "*"
        raise NotAnExpression

    def arguments(self, closing: str) -> tuple[Node, ...]:
        """Expressions up to a closing bracket, which stays, or to the end; each may have an alias or an order."""
        nodes: list[Node] = []
        while self.token() is not None and self.word() != closing:
            node = self.lambda_or_ternary()
            if self.skip("AS"):
                node = Call("as", (node, self.name()))
            if self.word() in ("ASC", "ASCENDING", "DESC", "DESCENDING"):
                node = Call("desc", (node,)) if self.word().startswith("DESC") else node
                self.at += 1
            nodes.append(node)
            if not self.skip(","):
                break
        return tuple(nodes)

    def named(self) -> Node:
        """A constant, a call, or a name with its dots."""
        word, following = self.word(), self.word(1)
        if word == "CASE":
            return self.case()
        if word == "INTERVAL" and following != "(":
            return self.interval()
        if word in ("DATE", "TIMESTAMP") and self._is_string(1):
            self.at += 1
            return named_call("toDate" if word == "DATE" else "toDateTime", self.primary())
        if word in _CONSTANTS and following != "(":
            self.at += 1
            return _CONSTANTS[word]
        if word in _NOT_OPERANDS and following != "(":
            raise NotAnExpression
        if following == "(":
            return self.call()
        path = [self.name()]
        while self.word() == "." and self.token(1) is not None:
            self.at += 1
            path.append(self.name())
        return ".".join(path)

    def _is_string(self, ahead: int) -> bool:
        token = self.token(ahead)
        return token is not None and token.kind is TokenKind.STRING

    def name(self) -> str:
        token = self.token()
        if token is None or token.kind not in (*NAMES, TokenKind.NUMBER):
            raise NotAnExpression
        self.at += 1
        return NAME_RULES.written(name_of(token.text))

    def call(self) -> Node:
        """A function with arguments, perhaps behind parameters: ``quantile(0.5)(x)``."""
        word, written = self.word(), name_of(self.tokens[self.at].text)
        name = written.lower()
        self.at += 2
        if (special := _SPECIAL.get(word)) is not None and (node := special(self)) is not None:
            return node
        distinct = self.skip("DISTINCT")
        args = self.arguments(")")
        self.expect(")")
        if self.skip("("):  # the first parentheses were those of parameters
            parameters = Call("parameters", args)
            args = (parameters, *self.arguments(")"))
            self.expect(")")
        name, written = (name + "distinct", f"{written}Distinct") if distinct else (name, written)
        if name == "count" and args == ("*",):
            args = ()
        if name in _FLAT and len(args) > 1:
            return joined(name, *args)
        return Call(_OPERATORS[name], args) if name in _OPERATORS else Call(name, args, written)

    def extract(self) -> Node | None:
        """EXTRACT(unit FROM x) as ``toUnit(x)``."""
        if self.word() not in _UNITS or self.word(1) != "FROM":
            return None
        unit = self.word()
        self.at += 2
        return self.closed(f"to{unit.capitalize()}", self.lambda_or_ternary())

    def shifted(self) -> Node | None:
        """``date_add(unit, n, x)`` as ``x + toIntervalUnit(n)``."""
        subtracts = "SUB" in self.word(-2)
        if self.word() not in _UNITS or self.word(1) != ",":
            return None
        unit = self.word()
        self.at += 2
        amount = self.lambda_or_ternary()
        self.expect(",")
        return self.closed("minus" if subtracts else "plus", self.lambda_or_ternary(), _interval(unit, amount))

    def substring(self) -> Node | None:
        """SUBSTRING(x FROM n FOR m)."""
        start = self.at
        text = self.lambda_or_ternary()
        if not self.skip("FROM"):
            self.at = start
            return None
        first = self.lambda_or_ternary()
        more = (self.lambda_or_ternary(),) if self.skip("FOR") else ()
        return self.closed("substring", text, first, *more)

    def trim(self) -> Node | None:
        """TRIM(BOTH 'x' FROM y)."""
        if self.word() not in ("BOTH", "LEADING", "TRAILING"):
            return None
        side = {"BOTH": "both", "LEADING": "left", "TRAILING": "right"}[self.word()]
        self.at += 1
        characters = self.lambda_or_ternary()
        self.expect("FROM")
        return self.closed(f"trim{side.capitalize()}", self.lambda_or_ternary(), characters)

    def position(self) -> Node | None:
        """POSITION(x IN y)."""
        start = self.at
        needle = self.binary(_PRECEDENCE["IN"] + 1)
        if not self.skip("IN"):
            self.at = start
            return None
        return self.closed("position", self.lambda_or_ternary(), needle)

    def closed(self, name: str, *args: Node) -> Node:
        """A call whose closing parenthesis follows."""
        self.expect(")")
        return named_call(name, *args)

    def cast(self) -> Node:
        node = self.lambda_or_ternary()
        if self.skip("AS"):
            type_ = self.type(")")
        else:
            self.expect(",")
            token = self.token()
            if token is None or token.kind is not TokenKind.STRING:
                raise NotAnExpression
            self.at += 1
            type_ = unescaped(token.text)
        self.expect(")")
        return Call("cast", (node, string_literal("".join(type_.split()))))

    def type(self, closing: str = "") -> str:
        """The text of a type without blanks: a name and its arguments."""
        text, depth = "", 0
        while (token := self.token()) is not None:
            if depth == 0 and (token.text == closing or (text and token.text != "(" and not closing)):
                break
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            text += token.text
            self.at += 1
        return text

    def case(self) -> Node:
        """CASE as ``multiIf``, or as ``if`` with one condition."""
        self.at += 1
        subject = None if self.word() == "WHEN" else self.lambda_or_ternary()
        nodes: list[Node] = []
        while self.skip("WHEN"):
            condition = self.lambda_or_ternary()
            self.expect("THEN")
            nodes += [condition, self.lambda_or_ternary()]
        nodes.append(self.lambda_or_ternary() if self.skip("ELSE") else "NULL")
        self.expect("END")
        if subject is not None:
            return Call("caseWithExpression", (subject, *nodes))
        return Call("multiIf", tuple(nodes))

    def interval(self) -> Node:
        self.at += 1
        amount = self.binary(_PRECEDENCE["*"])
        unit = self.word().removesuffix("S")
        if unit in _UNITS:
            self.at += 1
        elif isinstance(amount, str) and amount.startswith("'"):  # INTERVAL '5 minute'
            number, _, unit = amount[1:-1].partition(" ")
            amount, unit = _number(number), unit.upper().removesuffix("S")
        if unit not in _UNITS:
            raise NotAnExpression
        return _interval(unit, amount)


def _interval(unit: str, amount: Node) -> Call:
    return named_call(f"toInterval{unit.capitalize()}", amount)


_SPECIAL: Mapping[str, Callable[[_PrecedenceParser], Node | None]] = {
    "CAST": _PrecedenceParser.cast,
    "EXTRACT": _PrecedenceParser.extract,
    **dict.fromkeys(
        "DATE_ADD DATEADD TIMESTAMP_ADD TIMESTAMPADD DATE_SUB DATESUB TIMESTAMP_SUB".split(), _PrecedenceParser.shifted
    ),
    **dict.fromkeys(("SUBSTRING", "SUBSTR", "MID"), _PrecedenceParser.substring),
    "TRIM": _PrecedenceParser.trim,
    "POSITION": _PrecedenceParser.position,
}
"""Functions whose arguments may have words between them."""


def named_call(name: str, *args: Node) -> Call:
    """A call of a function, or of the operator that it stands for."""
    return Call(name, args) if name in _OPERATORS.values() else Call(name.lower(), args, name)


def joined(name: str, *args: Node) -> Call:
    """A call whose nested calls of the same function are joined, as the server does with AND, OR and ``||``."""
    if name not in _FLAT:
        return Call(name, args)
    flat: list[Node] = []
    for arg in args:
        flat += arg.args if isinstance(arg, Call) and arg.name == name else (arg,)
    return Call(name, tuple(flat))


_OPERATORS = {name.lower(): name for name in (*_BINARY.values(), *_NEGATED.values(), "isNull", "isNotNull", "arrayElement",
                                              "tupleElement", "multiIf", "caseWithExpression", "isDistinctFrom")}  # fmt: skip
"""Functions that operators stand for, by the key of their names."""


def _number(text: str) -> str:
    """A number in one of its spellings."""
    try:
        value = int(text, 0) if text[:1] != "0" or text[1:2].lower() in ("x", "b") else int(text)
        return str(value)
    except ValueError:
        pass
    try:
        return repr(float(text)).removesuffix(".0")
    except ValueError:
        return text
