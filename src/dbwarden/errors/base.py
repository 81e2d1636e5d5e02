"""The base class of errors, and errors of several subjects."""

from __future__ import annotations

from inspect import get_annotations
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from dbwarden.core.dialect import Holder, Liveness


def _lines(template: str) -> str:
    """A docstring as a message: its first paragraph on one line, each further one on an indented line."""
    return "\n    ".join(" ".join(paragraph.split()) for paragraph in template.split("\n\n"))


def text_of(error: BaseException) -> str:
    """The text of an exception from the user's code, whose ``__str__`` may fail too."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the user's code may raise anything
        return "(its text cannot be shown)"


class DBWardenError(Exception):
    """{message}"""

    exit_code: ClassVar[int] = 1
    message: str
    hint: str | None = None
    in_doubt: bool = False
    """Whether a statement may still have its effect, so that the lock must not be released."""
    finished: tuple[Any, ...] | None = None
    """The files that the command finished before the error; ``None`` if it runs no files."""

    _fields: ClassVar[frozenset[str]] = frozenset(("in_doubt", "finished"))

    def __init_subclass__(cls) -> None:
        cls._fields = cls._fields.union(get_annotations(cls))

    def __init__(self, message: str | None = None, *, hint: str | None = None, **fields: object) -> None:
        """``fields`` are annotated attributes of the class. Those that the docstring mentions are required unless ``message``
        replaces it."""
        for name, value in fields.items():
            if name not in self._fields:
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)
        self.message = message if message is not None else self._fill_template(_lines(type(self).__doc__ or ""))
        if hint is not None:
            self.hint = hint
        elif self.hint is not None:
            self.hint = self._fill_template(self.hint)
        super().__init__(self.message)

    def _fill_template(self, template: str) -> str:
        from string import Formatter  # deferred: only an error that is raised needs it

        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        return template.format(**{name: getattr(self, name) for name in names})

    @property
    def code(self) -> str:
        """The stable name of the error in ``--json`` output: the class name."""
        return type(self).__name__


class ConfigurationError(DBWardenError):
    """{message}"""

    exit_code = 2


class UsageError(ConfigurationError):
    """{message}"""


class Unsupported(DBWardenError):
    """{feature} is not supported by {dialect}: {reason}"""

    feature: str
    dialect: str
    reason: str


class NeedsNewTable(Unsupported):
    """{feature} is not supported by {dialect}: {reason}"""


class Refused(DBWardenError):
    """{message}"""

    holder: Holder | None = None
    liveness: Liveness | None = None
    listed: str = ""

    exit_code = 5
