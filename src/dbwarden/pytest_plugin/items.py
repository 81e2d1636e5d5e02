"""Tests of a project's migrations, which ``pytest --dbwarden`` adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from dbwarden.api.check import check_text, file_order
from dbwarden.api.configuration import database_list
from dbwarden.api.migrated_database import try_out_all
from dbwarden.api.sandbox import OK, FileOutcome, SandboxReport
from dbwarden.api.workspace import open_workspace
from dbwarden.errors import DBWardenError


class MigrationFailure(Exception):
    """A test of migrations that failed; its text is the report."""


class MigrationItem(pytest.Item):
    """One test of the migrations of one database."""

    def __init__(self, *, test: Callable[[], None], **rest: Any) -> None:
        super().__init__(**rest)
        self._test = test

    def runtest(self) -> None:
        """Run the test. Raises ``MigrationFailure`` or ``DBWardenError``."""
        self._test()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report without a traceback through DBWarden."""
        error = excinfo.value
        if isinstance(error, MigrationFailure):
            return str(error)
        if isinstance(error, DBWardenError):
            return f"{error.message}\n{error.hint}" if error.hint else error.message
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Name of the test in reports."""
        return self.path, None, f"dbwarden: {self.name}"


def collect(session: pytest.Session, config: pytest.Config) -> list[pytest.Item]:
    """The tests of all databases of the project, or of ``--dbwarden-database``."""
    source, only = config.getoption("--dbwarden-config"), config.getoption("--dbwarden-database")
    items: list[pytest.Item] = []
    for database in database_list(source):
        if only in (None, database.name):
            group = pytest.mark.xdist_group(f"dbwarden-{database.name}")
            for name, test in _tests(database.name, source, bool(database.model_paths)):
                item = MigrationItem.from_parent(session, name=f"{database.name}::{name}", test=test)
                if config.pluginmanager.hasplugin("xdist"):
                    item.add_marker(group)
                items.append(item)
    return items


def _tests(database: str, config: str | None, has_models: bool) -> Iterator[tuple[str, Callable[[], None]]]:
    """Names and functions of the tests of one database. They share one run of all files, each a part of its result."""

    @cache
    def report() -> SandboxReport:
        return try_out_all(database, config=config)

    yield "one order", lambda: _one_order(database, config)
    for name in _file_names(database, config):
        yield f"{name} up, down, up", partial(_file, report, name)
    if has_models:
        yield "models match", lambda: _models_match(report())
    yield "no critical finding", lambda: _no_critical_finding(database, config)


def _file_names(database: str, config: str | None) -> list[str]:
    """Names of the files; empty if they cannot be read, which ``one order`` reports."""
    return [file.name for file in open_workspace(config, database).readable_files()]


def _one_order(database: str, config: str | None) -> None:
    """Raise unless all files can be read, no two have one number, and no dependency is missing."""
    file_order(database, config=config)


def _file(tried: Callable[[], SandboxReport], name: str) -> None:
    report = tried()
    outcome = next((file for file in report.files if file.file == name), None)
    if outcome is None:
        before = report.files[-1].file if report.files else "the first file"
        raise MigrationFailure(f"{name} was not tried, because {before} failed")
    if outcome.problems:
        raise MigrationFailure(f"{name}: {'; '.join(outcome.problems)}")
    wrong = [step for step, result in _steps(outcome) if result != OK]
    if wrong and outcome.irreversible is None:
        raise MigrationFailure(f"{name}: {', '.join(wrong)}")


def _steps(outcome: FileOutcome) -> list[tuple[str, str]]:
    return [
        ("the upgrade failed", outcome.upgrade),
        ("the rollback failed", outcome.rollback),
        ("the rollback does not lead back to the schema before", outcome.schema_restored),
        ("a second upgrade does not lead to the schema after the first", outcome.second_upgrade),
    ]


def _models_match(report: SandboxReport) -> None:
    if report.models != "equal":
        lines = "\n  ".join(report.differences) or report.models
        raise MigrationFailure(
            f"The migrations do not lead to the models:\n  {lines}\n`dbwarden make-migrations` writes what is missing."
        )


def _no_critical_finding(database: str, config: str | None) -> None:
    critical = [finding for finding in check_text(database, config=config) if finding.severity == "CRITICAL"]
    if critical:
        lines = "\n  ".join(f"{item.file}:{item.line}: {item.message} [{item.rule}]" for item in critical)
        raise MigrationFailure(f"Critical findings of the rules:\n  {lines}")
