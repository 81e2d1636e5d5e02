"""What the tool generates follows its own advice: no findings of the rules that the online way is for."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from dbwarden import dialects
from dbwarden.checks.rule import Environment, Severity
from dbwarden.checks.run import check_files
from dbwarden.core.dialect import Prefs
from dbwarden.core.file import parse
from dbwarden.core.file_writer import format
from dbwarden.core.model import Schema
from dbwarden.core.plan import Pair, plan
from dbwarden.models.read import read

CASES = Path(__file__).parents[1] / "cases"
FILES = sorted(str(path.relative_to(CASES).parent) for path in CASES.rglob("expected.postgresql.sql"))
RULES = frozenset(
    "build-indexes-concurrently add-constraints-not-valid check-before-not-null build-unique-indexes-first"
    " avoid-table-rewrites index-foreign-keys set-lock-timeout lock-one-table-at-a-time write-a-rollback".split()
)
PLAIN = {
    # PostgreSQL has no online way: another type, partitioned tables
    "columns/several_changes": {"avoid-table-rewrites", "lock-one-table-at-a-time"},
    "columns/time_zones": {"avoid-table-rewrites"},
    "columns/type_and_default": {"avoid-table-rewrites"},
    "columns/type_to_text": {"avoid-table-rewrites"},
    "columns/type_widen": {"avoid-table-rewrites"},
    "columns/serial_to_text": {"avoid-table-rewrites"},
    "keys/unique_change_of_type": {"avoid-table-rewrites", "build-unique-indexes-first"},
    "enums/column_to_enum": {"avoid-table-rewrites"},
    "enums/remove_value": {"avoid-table-rewrites"},
    "enums/remove_value_that_indexes_use": {"avoid-table-rewrites", "build-indexes-concurrently"},
    "enums/with_index_and_check": {"avoid-table-rewrites", "build-indexes-concurrently"},
    "renames/column_and_more": {"avoid-table-rewrites"},
    "objects/privileges": {"avoid-table-rewrites"},
    "objects/row_security": {"avoid-table-rewrites"},
    "objects/views": {"avoid-table-rewrites", "lock-one-table-at-a-time"},
    "tables/inheritance": {"add-constraints-not-valid", "avoid-table-rewrites", "lock-one-table-at-a-time"},
    "tables/partitioned_members": {
        "build-indexes-concurrently", "add-constraints-not-valid", "build-unique-indexes-first", "lock-one-table-at-a-time",
    },
    # one table, in parts
    "partitions/added_and_removed": {"lock-one-table-at-a-time"},
    "partitions/bounds_change": {"lock-one-table-at-a-time"},
    "keys/rebuild_of_referenced_table": {"lock-one-table-at-a-time"},
    # the models ask for it
    "keys/foreign_key_actions": {"index-foreign-keys"},
    "keys/foreign_key_add": {"index-foreign-keys"},
    "keys/foreign_key_of_another_type": {"avoid-table-rewrites", "lock-one-table-at-a-time", "index-foreign-keys"},
    "keys/foreign_key_replaced": {"index-foreign-keys"},
    "keys/foreign_key_to_a_key_that_grows": {"index-foreign-keys"},
    "keys/primary_key_becomes_unique": {"index-foreign-keys"},
    "tables/split_and_refer": {"index-foreign-keys"},
}  # fmt: skip


def _found(case: str) -> Iterator[str]:
    dialect = dialects.get("postgresql")
    file = parse("0001_x.sql", (CASES / case / "expected.postgresql.sql").read_text(), dialect.lexical_rules)
    for finding in check_files([file], [file], dialect, Environment(lock_timeout=5.0)):
        if finding.rule in RULES and finding.severity > Severity.INFO:
            yield finding.rule


@pytest.mark.parametrize("case", FILES)
def test_generated_files_follow_the_advice(case: str) -> None:
    assert set(_found(case)) == PLAIN.get(case, set())


def _models(name: str, source: str, patch: pytest.MonkeyPatch) -> Schema:
    dialect = dialects.get("postgresql")
    module = ModuleType(name)  # annotations are looked up in it
    patch.setitem(sys.modules, name, module)
    exec(compile(source, name, "exec"), module.__dict__)
    return dialect.canonical(read([module.__dict__["Base"].metadata], dialect))


def test_the_example_follows_the_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(__file__).parents[2] / "examples" / "quickstart"
    source = (folder / "app" / "models.py").read_text()
    changed = source
    for old, new in runpy.run_path(str(folder / "demo.py"))["CHANGES"].items():
        assert old in changed
        changed = changed.replace(old, new)
    dialect = dialects.get("postgresql")
    steps = [Schema(), _models("first", source, monkeypatch), _models("second", changed, monkeypatch)]
    files = []
    for number, (before, after) in enumerate(pairwise(steps), 1):
        generated = plan(Pair(before, after), dialect, Prefs(online=True))
        text = format(generated.upgrade(), generated.rollback(), lexical_rules=dialect.lexical_rules)
        files.append(parse(f"{number:04}_x.sql", text, dialect.lexical_rules))
    assert "USING INDEX" in files[1].text
    assert check_files(files, files, dialect, Environment(lock_timeout=5.0)) == ()


LOSES = {
    "columns/computed_with_its_base": 1,
    "columns/drop": 2,
    "columns/drop_indexed": 2,
    "columns/drop_not_null": 1,
    "columns/move_to_another_table": 1,
    "columns/several_changes": 2,
    "columns/split": 1,
    "enums/drop": 1,
    "keys/foreign_key_cycle_drop": 2,
    "keys/foreign_key_to_new_tables": 2,
    "objects/views_on_views": 1,
    "partitions/added_and_removed": 1,
    "schemas/come_and_go": 1,
    "tables/drop_one_of_two": 1,
    "tables/merge": 1,
    "tables/rows_of_another": 1,
    "tables/split": 2,
    "tables/split_and_refer": 2,
    "types/composite_attributes": 1,
}
"""How many columns and tables with rows are gone after the upgrade; computed columns and rebuilt tables are not."""


@pytest.mark.parametrize("engine", ["postgresql", "sqlite"])
def test_the_gate_sees_what_generated_files_lose_and_nothing_else(engine: str) -> None:
    dialect = dialects.get(engine)
    losing = {}
    for path in sorted(CASES.rglob(f"expected.{engine}.sql")):
        file = parse("0001_x.sql", path.read_text(), dialect.lexical_rules)
        findings = check_files([file], [file], dialect, Environment(lock_timeout=5.0))
        lost = [one for one in findings if one.rule == "keep-data" and not one.unsure]
        assert all(one.severity is Severity.CRITICAL for one in lost)
        if lost:
            losing[str(path.relative_to(CASES).parent)] = len(lost)
    assert losing == {case: lost for case, lost in LOSES.items() if (CASES / case / f"expected.{engine}.sql").exists()}
