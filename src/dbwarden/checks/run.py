"""Application of the rules to files or to a plan.

1. Each statement is parsed, and the dialect gives its facts (``_analyze``).
2. ``SimulatedSchema`` follows the statements of all files, so that rules know the schema before and after a file.
   ``Origins`` follows renames, so that they know a table's size in the database.
3. Every rule judges the file's ``Context``. Findings that a comment in the file ignores are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from dbwarden.core.ddl.origins import Origins, successions
from dbwarden.core.ddl.simulated_schema import SimulatedSchema
from dbwarden.core.ddl.statements import AddColumn, AlterTable, CopyRows, Key, RenameTable, Statement, key
from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.proof_claim import claim, claim_line
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import SqlStatement, TokenKind, tokens
from dbwarden.core.statement import RENAME_TABLE, Blocks, Effect, Facts
from dbwarden.core.suggestions import did_you_mean
from dbwarden.core.types import Ref
from dbwarden.errors import UsageError

from . import rules
from .rule import AnalyzedStatement, Clause, Context, Environment, Finding, Ignore, Rule

# The text of one comment.
_IGNORE = re.compile(
    r"(?:--|\#|/\*)\s*dbwarden\s*:\s*ignore\s+(?P<rules>[\w, -]+?)\s*(?::\s*(?P<reason>.*?))?\s*(?:\*/)?\Z",
    re.IGNORECASE | re.DOTALL,
)


# -- the rules ----------------------------------------------------------------------------------------------------


@cache
def all_rules() -> tuple[Rule, ...]:
    """All rules sorted by name, one per module of the package ``rules``."""
    return tuple(map(_rule, rules.slugs()))


def _rule(slug: str) -> Rule:
    module = import_module(f"{rules.__name__}.{slug.replace('-', '_')}")
    return Rule(slug, (module.__doc__ or "").strip(), module.check, getattr(module, "FILES_ONLY", False))


def rule(slug: str) -> Rule:
    """The rule of that name. Raises ``UsageError`` with the nearest names."""
    by_slug = {rule.slug: rule for rule in all_rules()}
    if slug not in by_slug:
        near = did_you_mean(slug, by_slug) or f"; known are {', '.join(by_slug)}"
        raise UsageError(f"There is no rule '{slug}'{near}")
    return by_slug[slug]


# -- files and plans ----------------------------------------------------------------------------------------------


def check_files(
    files: Iterable[MigrationFile],
    wanted: Iterable[MigrationFile],
    dialect: Dialect,
    environment: Environment,
    *,
    engine: str | None = None,
    schema: Schema | None = None,
) -> tuple[Finding, ...]:
    """Findings in the files ``wanted``, by file and line; see ``contexts``."""
    return tuple(
        finding
        for context in contexts(files, wanted, dialect, environment, engine=engine, schema=schema)
        for finding in check_context(context)
    )


def check_context(context: Context) -> list[Finding]:
    """Findings in one file, by line and severity."""
    return sorted(_findings(context), key=lambda finding: (finding.line, -finding.severity))


def contexts(
    files: Iterable[MigrationFile],
    wanted: Iterable[MigrationFile],
    dialect: Dialect,
    environment: Environment,
    *,
    engine: str | None = None,
    schema: Schema | None = None,
) -> Iterator[Context]:
    """What rules judge of the files ``wanted``. ``files`` are all files in the order they run.

    ``schema`` is the database's before the first wanted file; without it, the other files show what exists. ``engine`` is
    the variant that runs. Raises ``FileFormatError``.
    """
    selected = {file.name: file for file in wanted}
    about = {
        target.name.casefold()
        for file in selected.values()
        for statement in file.upgrade(engine)
        for target in dialect.facts(statement.text).targets
    }
    known, run, database = SimulatedSchema(), Origins(dialect.features.caseless_names), schema
    for file in files:
        if file.name not in selected:
            text = file.text.casefold()
            if any(name in text for name in about):
                _apply_all(known, (s.text for s in file.upgrade(engine)), dialect)
            continue
        if schema is not None:
            known.take(schema)
            schema = None
        context = _context(file, dialect, known, environment, engine, run, database)
        known = context.after
        yield context


def check_rollback(
    steps: Iterable[RollbackStep],
    dialect: Dialect,
    environment: Environment,
    *,
    engine: str | None = None,
    schema: Schema | None = None,
) -> tuple[Finding, ...]:
    """Findings in the statements of ``steps``, in their order; ``schema`` is the database's before them."""
    known, run = SimulatedSchema(), Origins(dialect.features.caseless_names)
    if schema is not None:
        known.take(schema)
    findings: list[Finding] = []
    for step in steps:
        ignores = _ignores(step.file, "rollback", step.statements, dialect, engine) if step.file else []
        analyzed = _analyze(step.statements, dialect, ignores, schema)
        context = Context(
            step.record.file,
            dialect,
            analyzed,
            _analyze(step.file.upgrade(engine), dialect) if step.file else (),
            step.record.kind,
            before=known,
            after=_schema_after(known, analyzed),
            ignores=tuple(ignore for comments in ignores for ignore in comments),
            environment=environment,
            database_names=run.copy(),
            names=_names(analyzed, run),
        )
        known = context.after
        findings += check_context(context)
    return tuple(findings)


def added_defaults(steps: Iterable[RollbackStep], dialect: Dialect, engine: str | None = None) -> dict[Ref, str]:
    """Defaults, as written, of the columns that the upgrades of ``steps`` add to existing tables."""
    caseless = dialect.features.caseless_names
    defaults: dict[Ref, str] = {}
    for file in (step.file for step in steps if step.file is not None):
        statements = [dialect.parse(statement.text) for statement in file.upgrade(engine)]
        added = [
            (action.table, action.column)
            for statement in statements
            for action in statement.actions
            if isinstance(action, AddColumn)
        ]
        for succession in successions(statements, caseless):
            copied = {name.casefold() for name in succession.copy.columns}
            added += [
                (succession.origin, column)
                for column in succession.table.columns
                if column.name.casefold() not in copied
            ]
        for table, column in added:
            if column.default is not None:
                defaults[Ref("column", column.name, table.schema, table.name)] = column.default
    return defaults


def check_plan(
    statements: Sequence[str], differences: Sequence[str], dialect: Dialect, schema: Schema, environment: Environment
) -> tuple[Finding, ...]:
    """Findings in the statements that would lead from the database, which has ``schema``, to the models."""
    known = SimulatedSchema()
    known.take(schema)
    upgrade = _analyze([SqlStatement(sql, 0, 0) for sql in statements], dialect, database=schema)
    context = Context(
        "models",
        dialect,
        upgrade,
        before=known,
        after=_schema_after(known, upgrade),
        differences=tuple(differences),
        environment=environment,
    )
    return tuple(_findings(context))


def _findings(context: Context) -> Iterator[Finding]:
    for rule in all_rules():
        if rule.files_only and context.differences:
            continue
        for finding in rule.check(context):
            if not _ignored(context, rule.slug, finding.line):
                yield replace(finding, rule=rule.slug, file=context.name)


def _ignored(context: Context, slug: str, line: int) -> bool:
    return line > 0 and any(analyzed.line == line and slug in analyzed.ignores for analyzed in context.upgrade)


# -- statements ---------------------------------------------------------------------------------------------------


def _context(
    file: MigrationFile,
    dialect: Dialect,
    known: SimulatedSchema,
    environment: Environment,
    engine: str | None,
    run: Origins,
    database: Schema | None,
) -> Context:
    statements = file.upgrade(engine)
    ignores = _ignores(file, "upgrade", statements, dialect, engine)
    upgrade = _analyze(statements, dialect, ignores, database)
    runner = file.runner if engine is None else None
    if runner is not None:
        upgrade = tuple(map(_through_runner, upgrade))
    return Context(
        file.name,
        dialect,
        upgrade,
        _analyze(file.rollback(engine), dialect),
        file.kind,
        file.irreversible,
        file.transaction != "off" and dialect.features.transactional_ddl,
        known,
        _schema_after(known, upgrade),
        ignores=tuple(ignore for comments in ignores for ignore in comments),
        claim=claim(file),
        claim_line=claim_line(file),
        environment=environment,
        database_names=run.copy(),
        runner=runner,
        names=_names(upgrade, run),
    )


def _through_runner(analyzed: AnalyzedStatement) -> AnalyzedStatement:
    """A statement that a program runs in the place of the engine: by a copy, while readers and writers go on."""
    if not isinstance(analyzed.statement, AlterTable):
        return analyzed
    clauses = tuple(replace(clause, facts=_copied(clause.facts)) for clause in analyzed.clauses)
    return replace(analyzed, facts=_copied(analyzed.facts), clauses=clauses)


def _copied(facts: Facts) -> Facts:
    return replace(facts, blocks=min(facts.blocks, Blocks.DDL), effects=facts.effects - {Effect.REWRITES, Effect.SCANS})


def _analyze(
    statements: Sequence[SqlStatement],
    dialect: Dialect,
    ignores: Sequence[Sequence[Ignore]] = (),
    database: Schema | None = None,
) -> tuple[AnalyzedStatement, ...]:
    origins = Origins(dialect.features.caseless_names)
    made: set[Key] = set()
    """Tables and materialized views that the file creates, also by CREATE TABLE IF NOT EXISTS: they hardly existed before."""
    analyzed = []
    file_facts = dialect.analyze_file([statement.text for statement in statements])
    for at, (statement, facts) in enumerate(zip(statements, file_facts, strict=True)):
        parsed = dialect.parse(statement.text)
        if database is not None:
            facts = dialect.facts_on(facts, parsed, database)
        parts = _clauses(parsed, facts, dialect, database)
        made.update(key(ref) for ref in parsed.creates if ref.kind in ("table", "materialized_view"))
        tables = {key(table): table for table in _tables(facts, parts) if origins.table(table) is not None}
        existing = tuple(table for place, table in tables.items() if place not in made)
        if getattr(parsed, "foreign", False):
            existing = ()  # its rows are on another server: nothing here is read, rewritten or locked for long
        copies = (action.source for action in parsed.actions if isinstance(action, CopyRows))
        sources = tuple(table for table in copies if key(table) not in made and origins.table(table) is not None)
        put_aside = frozenset(ignore.rule for ignore in ignores[at] if ignore.reason) if ignores else frozenset[str]()
        of_file = AnalyzedStatement(statement.text, statement.line, parsed, facts, parts, existing, sources, put_aside)
        analyzed.append(of_file)
        origins.follow(parsed)
        made = _with_created_tables(made, parsed)
    return tuple(analyzed)


def _with_created_tables(made: set[Key], statement: Statement) -> set[Key]:
    """Tables that the file has created so far, by their names after the statement."""
    for action in statement.actions:
        if isinstance(action, RenameTable):
            new = {key(action.new)} if key(action.table) in made else set()
            made = (made - {key(action.table), key(action.new)}) | new
    return made


def _names(upgrade: Sequence[AnalyzedStatement], run: Origins) -> dict[Key, tuple[Ref, ...]]:
    """Present names in the database of a file's tables; ``run`` has followed the pending files before it."""
    names: dict[Key, dict[Ref, None]] = {}
    for analyzed in upgrade:
        for table in (*analyzed.existing, *analyzed.statement.drops):
            origins = names.setdefault(key(table), {})
            if (origin := run.table(table)) is not None:
                origins[origin] = None
        run.follow(analyzed.statement)
    return {place: tuple(origins) for place, origins in names.items()}


def _clauses(statement: Statement, facts: Facts, dialect: Dialect, database: Schema | None) -> tuple[Clause, ...]:
    if isinstance(statement, AlterTable) and len(statement.clauses) > 1:
        parts = ((part, dialect.facts_of(part)) for part in statement.split_clauses())
        return tuple(
            Clause(known if database is None else dialect.facts_on(known, part, database), part.actions)
            for part, known in parts
        )
    return (Clause(facts, statement.actions),)


def _tables(facts: Facts, parts: Iterable[Clause]) -> Iterator[Ref]:
    """Tables of a statement: those that it names, and the owners of its targets."""
    yield from (action.table for part in parts for action in part.actions if action.table.kind == "table")
    for target in facts.targets[:1] if facts.action == RENAME_TABLE else facts.targets:
        if target.kind == "table":
            yield target
        elif target.table is not None:
            yield Ref("table", target.table, target.schema)


def _schema_after(known: SimulatedSchema, upgrade: Iterable[AnalyzedStatement]) -> SimulatedSchema:
    after = known.copy()
    for analyzed in upgrade:
        after.apply(analyzed.statement)
    return after


def _apply_all(known: SimulatedSchema, statements: Iterable[str], dialect: Dialect) -> None:
    for sql in statements:
        known.apply(dialect.parse(sql))


# -- comments that ignore a rule ----------------------------------------------------------------------------------


def _ignores(
    file: MigrationFile, direction: str, statements: Sequence[SqlStatement], dialect: Dialect, engine: str | None
) -> list[list[Ignore]]:
    """Ignoring comments by statement: those before it, and one on its last line."""
    ignores: list[list[Ignore]] = [[] for _ in statements]
    own = engine if engine in file.engines else None
    section = next((s for s in file.sections if s.direction == direction and s.engine == own), None)
    if section is None or "dbwarden" not in file.text:
        return ignores
    end = section.start
    for at, statement in enumerate([*statements, SqlStatement("", section.end, 0)]):
        for token in tokens(file.text, dialect.lexical_rules, end, statement.start):
            match = _IGNORE.match(token.text) if token.kind is TokenKind.COMMENT else None
            if match is None:
                continue
            behind = at > 0 and "\n" not in file.text[end : token.start]
            line = file.text.count("\n", 0, token.start) + 1
            if behind or at < len(statements):
                ignores[at - 1 if behind else at] += _parse_ignores(match, line)
        end = statement.start + len(statement.text)
    return ignores


def _parse_ignores(match: re.Match[str], line: int) -> list[Ignore]:
    reason = " ".join((match["reason"] or "").split())
    return [Ignore(name.lower(), reason, line) for name in re.split(r"[\s,]+", match["rules"].strip()) if name]
