"""Results of a fleet: one small record for each target, and the groups of those that stand alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dbwarden.core.fleet import FleetTarget
from dbwarden.core.redaction import redacted_text
from dbwarden.errors import ConnectionFailed, DBWardenError

from .workspace import Workspace


class TargetState(StrEnum):
    """Where a target stands, the good news first."""

    UP_TO_DATE = "up to date"
    EQUAL = "equal"
    APPLIED = "applied"
    BASELINED = "marked as applied"
    ROLLED_BACK = "rolled back"
    RELEASED = "released"
    NOT_LOCKED = "not locked"
    WOULD_RUN = "would run"
    PENDING = "pending"
    DIFFERENT = "different"
    NOT_STARTED = "not started"
    INTERRUPTED = "interrupted"
    PROBLEM = "problem"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


_BROKEN = (TargetState.FAILED, TargetState.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class TargetError:
    """An error of one target, as in the JSON document of a command that fails."""

    code: str
    message: str
    hint: str | None
    exit_code: int


@dataclass(frozen=True, slots=True)
class TargetResult:
    """Result for one target."""

    target: str
    database: str
    """What ``-d`` takes: ``tenants@acme``."""
    state: TargetState
    wave: int = 0
    """Number of its wave, from 1; 0 if there are none."""
    version: str | None = None
    """The highest version in effect, as far as it is known."""
    migrations: tuple[str, ...] = ()
    """Files that ran, or would run or are pending; or the differences, one line each."""
    detail: str = ""
    """What is wrong, in words that are equal for targets with the same trouble."""
    duration: float = 0.0
    error: TargetError | None = None

    @property
    def broken(self) -> bool:
        """Whether the command failed for the target."""
        return self.state in _BROKEN


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Targets that stand alike."""

    state: TargetState
    version: str | None
    migrations: tuple[str, ...]
    detail: str
    targets: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.targets)


def grouped(results: Iterable[TargetResult]) -> tuple[TargetGroup, ...]:
    """Groups of results that are alike: by state, then the largest first."""
    members = dict[tuple[TargetState, str | None, tuple[str, ...], str], list[str]]()
    for result in results:
        members.setdefault((result.state, result.version, result.migrations, result.detail), []).append(result.target)
    order = list(TargetState)
    groups = [TargetGroup(*key, tuple(names)) for key, names in members.items()]
    return tuple(sorted(groups, key=lambda group: (order.index(group.state), -group.count)))


def failed_result(
    workspace: Workspace, error: DBWardenError, state: TargetState, wave: int = 0, duration: float = 0.0
) -> TargetResult:
    """The result of a target for which a command failed. A server that cannot be reached has a state of its own."""
    assert workspace.target is not None
    unreachable = isinstance(error, ConnectionFailed) and state is TargetState.FAILED
    files = tuple(getattr(item, "file", "") for item in error.finished or ())
    return TargetResult(
        workspace.target.name,
        workspace.label,
        TargetState.UNREACHABLE if unreachable else state,
        wave,
        migrations=files,
        detail=_common_words(error, workspace),
        duration=duration,
        error=TargetError(error.code, error.message, error.hint, error.exit_code),
    )


def _common_words(error: DBWardenError, workspace: Workspace) -> str:
    """First line of the message without what is the target's own, so that equal troubles read alike."""
    target = workspace.target
    assert target is not None
    words = error.reason if isinstance(error, ConnectionFailed) else redacted_text(error.message.splitlines()[0])
    own = {workspace.label, target.schema, target.place[-1] if target.place else "", target.name}
    for name in sorted(filter(None, own), key=len, reverse=True):
        words = words.replace(name, "*") if len(name) > 2 else words
    return words


def not_started(name: str, targets: Sequence[FleetTarget]) -> tuple[TargetResult, ...]:
    """Results of targets that a run did not come to."""
    return tuple(TargetResult(target.name, f"{name}@{target.name}", TargetState.NOT_STARTED) for target in targets)
