"""Do not let the session decide what values become

Some conversions depend on settings of the session: `timestamp` to `timestamp with time zone` reads every value as a time
in the session's zone, `text` to `date` reads `01/02/2026` by `DateStyle`, `money` depends on `lc_monetary`, and the text
of a `regclass` on `search_path`. So the same file can write different data on another server, and a rollback in another
session may not restore the old values.

```sql
ALTER TABLE events ALTER COLUMN at TYPE timestamptz;                                  -- by the session's TimeZone
ALTER TABLE events ALTER COLUMN day TYPE date USING day::date;                        -- by the session's DateStyle
ALTER TABLE events ADD COLUMN since timestamptz DEFAULT '2026-01-01 00:00';           -- by the session's TimeZone
```

Instead: write it in the statement, in both sections.

```sql
ALTER TABLE events ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'Europe/Berlin';
ALTER TABLE events ALTER COLUMN day TYPE date USING to_date(day, 'DD.MM.YYYY');
ALTER TABLE events ADD COLUMN since timestamptz DEFAULT '2026-01-01 00:00+00';
```

If no expression can express it (arrays of times, `lc_monetary`), set it for the transaction: `SET LOCAL TIME ZONE 'UTC'`.

CRITICAL if the session's time zone changes times, WARN for other settings. Generated statements take times as UTC, which
this rule reports (WARN): write another zone if that is wrong, or ignore the rule with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.constant import constant
from dbwarden.core.ddl.statements import AddColumn, ChangeType, ColumnText, CreateTable, Set, Utility

_ZONE = "timezone"

Settings = dict[str, str]
"""Values of settings by name, in lower case without underscores and blanks."""


def check(context: Context) -> Iterator[Finding]:
    """Changes of type, and defaults, whose values depend on session settings."""
    for analyzed, fixed in zip(context.upgrade, _settings(context), strict=True):
        for action in analyzed.actions:
            match action:
                case ChangeType() if action.table in analyzed.existing:
                    yield from _check_type_change(context, analyzed, action, fixed)
                case AddColumn(column=column):
                    yield from _default(context, analyzed, column, fixed)
                case CreateTable(columns=columns):
                    for column in columns:
                        yield from _default(context, analyzed, column, fixed)


def _settings(context: Context) -> Sequence[Settings]:
    """Settings before each statement, as set by the statements before it."""
    settings: list[Settings] = []
    now: Settings = {}
    for analyzed in context.upgrade:
        settings.append(dict(now))
        match analyzed.statement:
            case Utility(("RESET", *name)):
                now.pop(_plain("".join(name)), None)
            case Set(name, value, local):
                if (value or "").upper() in ("DEFAULT", "LOCAL"):
                    now.pop(_plain(name), None)
                elif context.transaction or not local:  # SET LOCAL has no effect outside a transaction
                    now[_plain(name)] = value or ""
    return settings


def _plain(name: str) -> str:
    return "".join(name.replace("_", "").lower().split())


def _check_type_change(
    context: Context, analyzed: AnalyzedStatement, action: ChangeType, fixed: Settings
) -> Iterator[Finding]:
    former = context.former_column(action.table, action.column)
    if former is None or not former.type:
        return
    before, after = map(context.dialect.parse_type, (former.type, action.type))
    names = [
        name for name in context.dialect.session_settings(before, after, action.using) if _plain(name) not in fixed
    ]
    zone = context.dialect.assumed_zone(before, after)
    subject = f"column {action.column} of {context.table_with_size(action.table)}"
    if names:
        severity = Severity.CRITICAL if zone and any(_plain(name) == _ZONE for name in names) else Severity.WARN
        text = (
            f"{subject} changes from {former.type.lower()} to {action.type.lower()} by the session's {_listed(names)}"
        )
        advice = (
            f"say it in the statement, in both sections: USING {action.column} AT TIME ZONE '{zone}'"
            if severity is Severity.CRITICAL and not before.array
            else f"name the format in USING, or SET LOCAL {names[0]} before it, in both sections"
            if context.dialect.features.local_settings
            else f"SET {names[0]} before it, in both sections"
        )
        yield Finding(context.adjust_severity(severity, action.table, small=False), text, advice, analyzed.line)
    elif zone and _is_assumed_zone(action.using, fixed, zone):
        advice = (
            f"write the zone they are of in place of '{zone}', in both sections, or put this rule aside with a reason"
        )
        text = f"the times in {subject} are taken for those of {zone}"
        yield Finding(context.adjust_severity(Severity.WARN, action.table, small=False), text, advice, analyzed.line)


def _is_assumed_zone(using: str | None, fixed: Settings, zone: str) -> bool:
    """Whether the statement assumes ``zone``, as generated statements do."""
    return fixed.get(_ZONE, "").strip("'\"").upper() == zone or f"AT TIME ZONE '{zone}'" in (using or "").upper()


def _default(context: Context, analyzed: AnalyzedStatement, column: ColumnText, fixed: Settings) -> Iterator[Finding]:
    """Findings for a literal default, which is parsed when the statement runs, not when a row is written."""
    dialect = context.dialect
    literal = constant(column.default, dialect.lexical_rules) if column.default and column.type else None
    if column.default is None or literal is None or literal.value is None:
        return
    settings = dialect.session_settings(dialect.parse_type("text"), dialect.parse_type(column.type), column.default)
    names = [name for name in settings if _plain(name) not in fixed]
    if names:
        text = f"the default of column {column.name}, {column.default}, is read by the session's {_listed(names)}"
        advice = "write dates as YYYY-MM-DD and times with their offset, 2026-01-01 00:00+00"
        yield Finding(Severity.WARN, text, advice, analyzed.line)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
