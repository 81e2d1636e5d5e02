"""Files × history × target -> what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dbwarden.core.file import MigrationFile, parse
from dbwarden.core.filename import Kind
from dbwarden.core.migration_names import find, next_version
from dbwarden.core.overview import State, state
from dbwarden.core.record import Event, Record
from dbwarden.core.resolve import RollbackStep, ensure_clean, ensure_written, ordered, resolve_migrate, resolve_rollback
from dbwarden.errors import (
    BaselinedRollback,
    DBWardenError,
    DependencyCycle,
    DependencyMissing,
    DependentApplied,
    DuplicateVersion,
    EditedMigration,
    EmptyMigration,
    Irreversible,
    MissingRollback,
    UnfinishedRollback,
    UnfinishedUpgrade,
    UnknownVersion,
    UsageError,
    VanishedMigration,
)
from tests.support.effort import examples


def migration(name: str, *depends_on: str, up: str = "", down: str = "down", header: str = "") -> MigrationFile:
    needs = ", ".join(f'"{other}"' for other in depends_on)
    head = (f"-- depends_on: [{needs}]\n" if needs else "") + header
    return parse(f"{name}.sql", f"{head}-- upgrade\n{up or 'up ' + name};\n-- rollback\n{down};\n")


def event(file: MigrationFile, number: int, what: Event = Event.APPLIED, **changes: Any) -> Record:
    record = Record(
        id=number,
        key=file.key,
        kind=file.kind,
        file=file.name,
        description=file.description,
        checksum=file.checksum,
        event=what,
        statements_done=1,
        statements_total=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        duration=0.1,
        by="tester@host",
        tool_version="1.0",
        rollback_sql=file.rollback_sql(),
    )
    return replace(record, **changes)


def applied(*files: MigrationFile) -> list[Record]:
    return [event(file, number) for number, file in enumerate(files, 1)]


def names(files: Sequence[MigrationFile | RollbackStep]) -> list[str]:
    return [(file.record.file if isinstance(file, RollbackStep) else file.name).removesuffix(".sql") for file in files]


def message(error: type[DBWardenError], call: Any, exit_code: int) -> str:
    with pytest.raises(error) as caught:
        call()
    assert caught.value.exit_code == exit_code
    return str(caught.value)


A, B, C, D = (migration(f"000{number}_{word}") for number, word in enumerate("abcd", 1))
RA, ROC = migration("RA__grants"), migration("ROC__view")


# -- migrate ------------------------------------------------------------------------------------------------------


def test_pending_versions_run_as_numbers_then_changed_then_always() -> None:
    tenth, big = migration("010_x"), migration("10000_y")
    run = resolve_migrate([RA, big, ROC, tenth, B, A], applied(A)).to_run
    assert names(run) == ["0002_b", "010_x", "10000_y", "ROC__view", "RA__grants"]


def test_repeatables() -> None:
    history = applied(A, RA, ROC)
    assert names(resolve_migrate([A, RA, ROC], history).to_run) == ["RA__grants"]
    changed = migration("ROC__view", up="other")
    assert names(resolve_migrate([A, RA, changed], history).to_run) == ["ROC__view", "RA__grants"]
    assert names(resolve_migrate([A, B, RA, changed], history, count=1).to_run) == ["0002_b", "ROC__view", "RA__grants"]
    assert names(resolve_migrate([A, B, C, RA, changed], history, count=1).to_run) == ["0002_b"]
    ensure_clean(resolve_migrate([A, RA], history))  # a repeatable whose file is gone stops nothing


@pytest.mark.parametrize("target", ["2", "0002", "V__0002", "0002_b", "0002_b.sql"])
def test_to_version(target: str) -> None:
    resolution = resolve_migrate([A, B, C], [], to_version=target)
    assert names(resolution.to_run) == ["0001_a", "0002_b"]
    assert resolution.remaining == 1


def test_baseline_marks_versions_only() -> None:
    resolution = resolve_migrate([A, B, C, RA], [], to_version="0002", baseline=True)
    assert (names(resolution.to_run), resolution.baseline) == (["0001_a", "0002_b"], True)
    assert names(resolve_migrate([A, RA], [], baseline=True).to_run) == ["0001_a"]
    marked = [event(A, 1, Event.BASELINED)]
    assert state([A], marked).entries[0].state is State.BASELINED
    assert names(resolve_migrate([A, B], marked).to_run) == ["0002_b"]


def test_out_of_order_runs_and_is_named() -> None:
    resolution = resolve_migrate([A, B, C], applied(A, C))
    assert (names(resolution.to_run), names(resolution.out_of_order)) == (["0002_b"], ["0002_b"])


def test_depends_on_orders() -> None:
    early = migration("0002_x", "3")
    assert names(ordered([A, early, C, D])) == ["0001_a", "0003_c", "0002_x", "0004_d"]
    assert names(resolve_migrate([A, early, C, D], applied(A, C)).to_run) == ["0002_x", "0004_d"]
    after = migration("ROC__a", "RA__grants")
    assert names(ordered([after, RA, A])) == ["0001_a", "RA__grants", "ROC__a"]


def test_a_dependency_whose_file_is_gone_but_applied_counts() -> None:
    assert names(ordered([migration("0002_x", "0001")], applied(A))) == ["0002_x"]


@pytest.mark.parametrize(
    ("files", "options", "error", "text"),
    [
        (
            [A, migration("V__0001_z"), B],
            {},
            DuplicateVersion,
            "Migration 0001 exists more than once: 0001_a.sql, V__0001_z.sql",
        ),
        (
            [RA, migration("primary__RA__grants")],
            {},
            DuplicateVersion,
            "Migration RA__grants exists more than once: RA__grants.sql, primary__RA__grants.sql",
        ),
        ([A, B], {"to_version": "7"}, UnknownVersion, "There is no migration 7; nearest: 0002_b, 0001_a"),
        ([A, B], {"to_version": "0002_bb"}, UnknownVersion, "There is no migration 0002_bb; nearest: 0002_b, 0001_a"),
        ([], {"to_version": "7"}, UnknownVersion, "There is no migration 7: there are no migrations"),
        ([A], {"to_version": "0"}, UnknownVersion, "There is no migration 0; nearest: 0001_a"),
        ([A, RA], {"to_version": "RA__grants"}, UnknownVersion, "There is no migration RA__grants; nearest: 0001_a"),
        ([A], {"count": 0}, UsageError, "--count must be 1 or more, not 0"),
        ([A], {"count": 1, "to_version": "1"}, UsageError, "--count and --to-version cannot be given together"),
        (
            [A, migration("0002_x", "0012")],
            {},
            DependencyMissing,
            "0002_x.sql depends on 0012, which does not exist; nearest: 0001_a",
        ),
        (
            [migration("0002_x", "RA__grants"), RA],
            {},
            DependencyMissing,
            "0002_x.sql depends on RA__grants, which runs only after all versions",
        ),
        (
            [migration("0001_x", "0002"), B],
            {"to_version": "1"},
            DependencyMissing,
            "0001_x.sql depends on 0002, which is not applied and lies beyond --to-version 1: 0002_b.sql",
        ),
        (
            [A, migration("0002_x", "0003"), migration("0003_y", "0004"), migration("0004_z", "2", "1")],
            {},
            DependencyCycle,
            "Migrations depend on each other in a circle: 0002_x.sql -> 0003_y.sql -> 0004_z.sql -> 0002_x.sql",
        ),
        ([migration("0001_x", "0001")], {}, DependencyCycle, None),
    ],
)
def test_refusals_before_anything_runs(files: Any, options: Any, error: Any, text: str | None) -> None:
    refusal = message(error, lambda: resolve_migrate(files, [], **options), 2)
    assert text is None or refusal == text


def test_edited_vanished_and_half_rolled_back_stop() -> None:
    edited = migration("0001_a", up="something else")
    resolution = resolve_migrate([edited, B], applied(A))
    assert names(resolution.to_run) == ["0002_b"]
    text = message(EditedMigration, lambda: ensure_clean(resolution), 1)
    assert text == (
        f"0001_a.sql was changed after it was applied: recorded checksum {A.checksum},"
        f" checksum of the file now {edited.checksum}"
    )
    text = message(VanishedMigration, lambda: ensure_clean(resolve_migrate([C], applied(A, B, C))), 1)
    assert text == "0001_a.sql was applied, but the file is gone; likewise 0002_b.sql"
    half = [*applied(A), event(A, 2, Event.ROLLBACK_FAILED, statements_done=1, statements_total=4)]
    text = message(UnfinishedRollback, lambda: ensure_clean(resolve_migrate([A], half)), 1)
    assert text == "The rollback of 0001_a.sql stopped in an earlier run before statement 2 of 4 was done"


# -- state --------------------------------------------------------------------------------------------------------


def test_states_in_the_order_they_are_shown() -> None:
    e, f = migration("0005_e"), migration("0006_f")
    history = applied(A, B, D, RA, ROC)
    history += [event(e, 10, Event.FAILED, statements_done=2, statements_total=7, error="no")]
    history += [event(f, 11, Event.FAILED, statements_done=0), event(B, 12, Event.ROLLED_BACK)]
    files = [RA, migration("ROC__view", up="new"), f, e, migration("0004_d", up="new"), C, B]
    assert [(entry.key, entry.state, entry.needs_run) for entry in state(files, history).entries] == [
        ("0001", State.MISSING, False),
        ("0002", State.OUT_OF_ORDER, True),
        ("0003", State.OUT_OF_ORDER, True),
        ("0004", State.EDITED, False),
        ("0005", State.FAILED, True),
        ("0006", State.PENDING, True),
        ("ROC__view", State.CHANGED, True),
        ("RA__grants", State.APPLIED, True),
    ]
    assert [entry.key for entry in state(files, history).pending] == ["0002", "0003", "0005", "0006", "ROC__view"]
    assert message(DuplicateVersion, lambda: state([A, A], []), 2)


def test_rolled_back_and_gone_is_no_longer_mentioned() -> None:
    history = [*applied(A), event(A, 2, Event.ROLLED_BACK), event(B, 3, Event.FAILED, statements_done=0)]
    assert state([], history).entries == ()


def test_names_of_versions() -> None:
    assert find([A, B, RA], "2") is B
    assert find([A, B, RA], "RA__grants") is RA
    assert (
        message(UnknownVersion, lambda: find([A, B], "0002_c"), 2)
        == "There is no migration 0002_c; nearest: 0002_b, 0001_a"
    )
    assert next_version([]) == "0001"
    assert next_version([A, RA], applied(A, B)) == "0003"
    assert next_version([migration("9999_x")]) == "10000"


# -- rollback -----------------------------------------------------------------------------------------------------


def test_rollback_goes_back_in_the_order_of_application() -> None:
    files, history = [A, B, C, RA], applied(A, C, B, RA)
    assert names(resolve_rollback(files, history)) == ["0002_b"]
    assert names(resolve_rollback(files, history, count=2)) == ["0002_b", "0003_c"]
    assert names(resolve_rollback(files, history, to_version="0002")) == ["0003_c"]
    assert names(resolve_rollback(files, history, to_version="1")) == ["0002_b", "0003_c"]
    assert names(resolve_rollback(files, history, to_version="0")) == ["RA__grants", "0002_b", "0003_c", "0001_a"]
    assert resolve_rollback(files, []) == ()


def test_rollback_statements_come_from_the_file_or_from_history() -> None:
    fixed = migration("0001_a", down="down, mended")
    (step,) = resolve_rollback([fixed], applied(A))
    assert (step.file, [s.text for s in step.statements]) == (fixed, ["down, mended"])
    for files in ([], [migration("0001_a", up="other", down="wrong")]):
        (step,) = resolve_rollback(files, applied(A))
        assert (step.file, [s.text for s in step.statements]) == (None, ["down"])


def test_a_rollback_that_failed_goes_on() -> None:
    history = [*applied(A, B), event(A, 3, Event.ROLLBACK_FAILED, rollback_sql=None)]
    assert names(resolve_rollback([], history, count=2)) == ["0001_a", "0002_b"]
    with pytest.raises(UnfinishedRollback, match="rollback of 0001_a"):
        resolve_rollback([], history, count=1)


@pytest.mark.parametrize("failure", [Event.FAILED, Event.ROLLBACK_FAILED])
def test_a_failure_that_left_nothing_changes_nothing(failure: Event) -> None:
    tried = event(B, 3, failure, statements_done=0)
    assert names(resolve_rollback([A, B], [*applied(A, B), tried], count=2)) == ["0002_b", "0001_a"]
    assert names(resolve_migrate([A, B], [*applied(A, B), tried]).to_run) == []


def test_a_failure_that_left_nothing_is_pending() -> None:
    tried = event(B, 3, Event.FAILED, statements_done=0)
    assert names(resolve_migrate([A, B], [*applied(A), tried]).to_run) == ["0002_b"]


def test_a_file_that_nobody_has_written_is_refused() -> None:
    ensure_written([A, B])
    unwritten = parse("0003_c.sql", "-- upgrade\n-- to be written\n\n-- rollback\n")
    text = message(EmptyMigration, lambda: ensure_written([A, unwritten]), 2)
    assert text == "0003_c.sql has no statement to apply"


EMPTY = migration("0002_e", down=" ")
NO_WAY = migration("0002_i", header="-- irreversible: rows are gone\n")


@pytest.mark.parametrize(
    ("files", "history", "options", "error", "exit_code", "text"),
    [
        ([A], applied(A), {"to_version": "9"}, UnknownVersion, 2, "There is no migration 9; nearest: 0001_a"),
        ([A], applied(A), {"count": 0}, UsageError, 2, "--count must be 1 or more, not 0"),
        ([A], applied(A), {"count": 2}, UsageError, 2, "--count 2: only 1 can be rolled back, no more are applied"),
        (
            [EMPTY],
            applied(EMPTY),
            {},
            MissingRollback,
            1,
            "0002_e.sql cannot be rolled back: its rollback section is empty",
        ),
        (
            [],
            applied(EMPTY),
            {},
            MissingRollback,
            1,
            "0002_e.sql cannot be rolled back: its file is gone, and no rollback SQL was stored with it",
        ),
        (
            [NO_WAY],
            applied(A, NO_WAY),
            {"count": 2},
            Irreversible,
            1,
            "0002_i.sql cannot be rolled back: rows are gone",
        ),
        ([], applied(NO_WAY), {}, Irreversible, 1, "0002_i.sql cannot be rolled back: rows are gone"),
        (
            [A],
            [event(A, 1, Event.BASELINED)],
            {},
            BaselinedRollback,
            1,
            "0001_a.sql was marked as applied by --baseline and never executed here, so it is not rolled back by SQL",
        ),
        (
            [A, migration("0002_x", "0003"), C],
            applied(A, C, migration("0002_x", "0003")),
            {"to_version": "2"},
            DependentApplied,
            1,
            "0003_c.sql cannot be rolled back alone: 0002_x.sql is applied and depends on it",
        ),
    ],
)
def test_rollback_refusals(files: Any, history: Any, options: Any, error: Any, exit_code: int, text: str) -> None:
    assert message(error, lambda: resolve_rollback(files, history, **options), exit_code) == text


# -- properties ---------------------------------------------------------------------------------------------------

POOL = [A, B, C, D, migration("0005_e", "0002"), migration("0006_f", "0007"), migration("0007_g", "3"), RA, ROC]


class Database(RuleBasedStateMachine):
    """Migrate and roll back in any order, with files appearing in any order: nothing runs twice, nothing too early."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[MigrationFile] = []
        self.history: list[Record] = []
        self.effect: list[str] = []

    def record(self, file: MigrationFile | Record, what: Event) -> None:
        if isinstance(file, Record):
            self.history.append(replace(file, id=len(self.history) + 1, event=what))
        else:
            self.history.append(event(file, len(self.history) + 1, what))

    @rule(file=st.sampled_from(POOL))
    def write(self, file: MigrationFile) -> None:
        if file not in self.files:
            self.files.append(file)

    @rule(
        count=st.none() | st.integers(1, 3),
        to=st.none() | st.integers(1, 7),
        baseline=st.booleans(),
        fails=st.booleans(),
    )
    def migrate(self, count: int | None, to: int | None, baseline: bool, fails: bool) -> None:
        try:
            resolution = resolve_migrate(
                self.files,
                self.history,
                count=None if to else count,
                to_version=str(to) if to else None,
                baseline=baseline,
            )
            ensure_clean(resolution)
        except (DependencyMissing, UnknownVersion, UnfinishedUpgrade):
            return
        for file in resolution.to_run:
            if file.kind is Kind.VERSIONED:
                assert file.name not in self.effect
                assert all(any(n.startswith(other.zfill(4)) for n in self.effect) for other in file.depends_on)
                if fails:
                    self.record(file, Event.FAILED)
                    return
                self.effect.append(file.name)
            self.record(file, Event.BASELINED if baseline else Event.APPLIED)

    @rule(count=st.none() | st.integers(1, 3), to=st.none() | st.integers(0, 7))
    def rollback(self, count: int | None, to: int | None) -> None:
        try:
            steps = resolve_rollback(
                self.files,
                self.history,
                count=None if to is not None else count,
                to_version=None if to is None else str(to),
            )
        except (BaselinedRollback, UsageError, UnknownVersion, DependentApplied, UnfinishedUpgrade):
            return
        versions = [step.record.file for step in steps if step.record.kind is Kind.VERSIONED]
        assert versions == [name for name in reversed(self.effect) if name in versions]
        for step in steps:
            self.record(step.record, Event.ROLLED_BACK)
            if step.record.file in self.effect:
                self.effect.remove(step.record.file)

    @invariant()
    def state_is_what_was_done(self) -> None:
        entries = state(self.files, self.history).entries
        in_effect = {e.name for e in entries if e.kind is Kind.VERSIONED and e.record and e.record.in_effect}
        assert in_effect == set(self.effect)


TestDatabase = Database.TestCase
TestDatabase.settings = settings(max_examples=examples(60), stateful_step_count=20)


@given(st.permutations(POOL))
def test_the_order_does_not_depend_on_the_order_of_the_files(files: list[MigrationFile]) -> None:
    assert names(ordered(files)) == names(ordered(POOL))
    assert names(ordered(files)) == [
        *("0001_a", "0002_b", "0003_c", "0004_d", "0005_e", "0007_g", "0006_f", "ROC__view", "RA__grants")
    ]


def test_a_version_repeats_what_it_drops() -> None:
    first = migration("0001_a")
    view = migration("ROC__view")
    drops = migration("0002_b", header='-- repeats: ["ROC__view"]\n')
    files, history = [first, drops, view], [event(first, 1), event(view, 2)]
    assert [file.name for file in resolve_migrate(files, history).to_run] == ["0002_b.sql", "ROC__view.sql"]
    assert resolve_migrate(files, history, to_version="0001").to_run == (), "behind the version only"
    history += [event(drops, 3)]
    assert [file.name for file in resolve_migrate(files, history).to_run] == ["ROC__view.sql"], "a killed run goes on"
    history += [event(view, 4)]
    assert resolve_migrate(files, history).to_run == ()
    history += [event(drops, 5, Event.ROLLED_BACK)]
    assert [file.name for file in resolve_migrate(files, history).to_run] == ["0002_b.sql", "ROC__view.sql"]
