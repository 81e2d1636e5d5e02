"""The planted bugs: in reading files, resolving, history, lock, journal, execution, proof and gate."""

from __future__ import annotations

from .mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    # -- migration files
    Mutation(
        slug="checksum-of-the-rollback",
        path="core/file.py",
        before="checksum((statement.text for statement in self.upgrade()), self.lexical_rules)",
        after="checksum((statement.text for statement in self.rollback()), self.lexical_rules)",
        tests=("tests/core/test_file.py", "tests/core/test_resolve.py"),
    ),
    Mutation(
        slug="conflict-markers-are-read",
        path="core/file.py",
        before='    if "<<<<<<<" in text:\n        _check_merged(name, text)\n',
        after="",
        tests=("tests/core/test_file.py", "tests/scripts/test_scripts.py"),
    ),
    Mutation(
        slug="second-section-wins",
        path="core/file.py",
        before="        if (direction, engine) in seen:",
        after="        if False and (direction, engine) in seen:",
        tests=("tests/core/test_file.py",),
    ),
    Mutation(
        slug="file-written-over-another",
        path="runtime/directory.py",
        before="        os.link(temporary, path)  # unlike os.replace, fails if the name is taken",
        after="        os.link(temporary, str(path) + '~'); os.replace(str(path) + '~', path)",
        tests=("tests/runtime/test_directory.py",),
    ),
    # -- resolving
    Mutation(
        slug="edited-file-runs-on",
        path="core/resolve.py",
        before="        edited=overview.having(State.EDITED),",
        after="        edited=(),",
        tests=("tests/core/test_resolve.py",),
    ),
    Mutation(
        slug="dependency-order-ignored",
        path="core/resolve.py",
        before="    if not any(file.depends_on for file in files):",
        after="    if files:",
        tests=("tests/core/test_resolve.py",),
    ),
    Mutation(
        slug="rename-forgets-owned-sequences",
        path="core/change.py",
        before="        owner = item.owned_by if isinstance(item, Sequence) else None",
        after="        owner = None",
        tests=("tests/core/test_after_renames.py",),
    ),
    Mutation(
        slug="what-is-folded-into-a-table-is-not-waited-for",
        path="core/order.py",
        before="        members = change.parts if isinstance(change, Add | Drop) else ()\n",
        after="        members: tuple[Member, ...] = ()\n",
        tests=("tests/cases/test_cases.py", "-k", "foreign_key_to_new_tables"),
    ),
    Mutation(
        slug="rounding-number-counts-as-kept",
        path="core/type_change.py",
        before="    if (_scale(old) or 0) > (_scale(new) or 0):",
        after="    if False:",
        tests=("tests/core/test_type_change.py",),
    ),
    Mutation(
        slug="needed-version-rolled-back",
        path="core/resolve.py",
        before="    _ensure_free(records, applied, by_identity)\n",
        after="",
        tests=("tests/core/test_resolve.py",),
    ),
    Mutation(
        slug="rollback-of-an-edited-file-uses-the-file",
        path="core/resolve.py",
        before="    if file is not None and file.checksum == record.checksum:",
        after="    if file is not None:",
        tests=("tests/core/test_resolve.py",),
    ),
    # -- lock and fencing
    Mutation(
        slug="release-ignores-token",
        path="runtime/lock_row.py",
        before="token = NULL {} AND locked AND COALESCE(token, '') = :token\"",
        after="token = NULL {} AND locked AND COALESCE(:token, '') = :token\"",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="row-released-before-the-native-lock",
        path="runtime/lock.py",
        before="        self.store.leave()\n        if self.store.release(self.token):\n",
        after="        released = self.store.release(self.token)\n        self.store.leave()\n        if released:\n",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="take-over-ignores-the-old-token",
        path="runtime/lock_row.py",
        before="{_OURS} AND locked AND COALESCE(token, '') = :previous",
        after="{_OURS} AND locked AND COALESCE(:previous, '') = :previous",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="auto-takes-over-whom-nobody-knows",
        path="runtime/lock.py",
        before='recoverable = request.recovery == "auto" and current.liveness is Liveness.GONE',
        after='recoverable = request.recovery == "auto" and current.liveness is not Liveness.ALIVE',
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="heartbeat-after-loss",
        path="runtime/lock_row.py",
        before='_BEAT = f"SET heartbeat = {{now}} {_OURS} AND locked AND token = :token"',
        after="_BEAT = f\"SET heartbeat = {{now}} {_OURS} AND locked AND COALESCE(:token, '') = :token\"",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="event-recorded-without-the-lock",
        path="runtime/history.py",
        before=":owner AND locked AND token = :token",
        after=":owner AND COALESCE(:token, '') = :token",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="lock-changes-hands-before-commit",
        path="runtime/history.py",
        before='return f"{held} {features.for_share}" if features.for_share else held',
        after="return held",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="unlock-ignores-the-heartbeat",
        path="runtime/lock.py",
        before="quiet = status.heartbeat_age is None or status.heartbeat_age >= SILENCE",
        after="quiet = True",
        tests=("tests/runtime/test_lock.py",),
    ),
    # -- journal and execution
    Mutation(
        slug="journal-row-without-the-lock",
        path="runtime/journal.py",
        before=") + while_held(self._placed, features)",
        after=") + f\" FROM {self._placed.lock} WHERE COALESCE(:token, '') = :token\"",
        tests=("tests/runtime/test_fencing.py",),
    ),
    Mutation(
        slug="no-intent-before-a-statement",
        path="runtime/runner.py",
        before="        self.note(number, digest, StatementState.INTENT)\n",
        after="",
        tests=("tests/runtime/test_execute.py",),
    ),
    Mutation(
        slug="done-row-outside-the-transaction",
        path="runtime/runner.py",
        before="""            for number in self.execute_in_transaction(numbers):
                self.note(number, sums[number], StatementState.DONE)
""",
        after="""            for number in self.execute_in_transaction(numbers):
                pass
        for number in numbers:
            self.note(number, sums[number], StatementState.DONE)
""",
        tests=("tests/runtime/test_execute.py", "tests/acceptance/test_killed_at_call.py"),
    ),
    Mutation(
        slug="edited-statement-counts-as-done",
        path="runtime/runner.py",
        before="                self.ensure_unchanged(number, entry, sums)\n            elif number <= self.progress.total",
        after="                pass\n            elif number <= self.progress.total",
        tests=("tests/runtime/test_execute.py",),
    ),
    Mutation(
        slug="statement-in-doubt-runs-again",
        path="runtime/runner.py",
        before="        if answer is None:\n            raise StatementInDoubt(",
        after="        if answer is None:\n            return False\n            raise StatementInDoubt(",
        tests=("tests/runtime/test_execute.py",),
    ),
    Mutation(
        slug="what-an-earlier-run-did-does-not-count",
        path="runtime/runner.py",
        before="        self.progress.stage = Stage.READING if resumes else Stage.BETWEEN\n",
        after="",
        tests=("tests/runtime/test_execute.py::test_what_an_earlier_run_did_is_not_called_nothing",),
    ),
    Mutation(
        slug="statement-in-doubt-counts-as-not-done",
        path="runtime/journal.py",
        before="if entry[0] is StatementState.INTENT), None)",
        after="if entry[0] is StatementState.FAILED), None)",
        tests=("tests/acceptance/test_kill.py::test_status_shows_a_statement_in_doubt",),
    ),
    Mutation(
        slug="lock-released-in-doubt",
        path="runtime/lock.py",
        before="            release = not error.in_doubt\n",
        after="",
        tests=("tests/acceptance/test_cut_at_message.py",),
    ),
    Mutation(
        slug="commit-without-an-answer-left-nothing",
        path="runtime/file_progress.py",
        before="        known_nothing = known_nothing and not (lost and self.stage is Stage.COMMIT)\n",
        after="",
        tests=("tests/acceptance/test_cut_at_message.py",),
    ),
    Mutation(
        slug="one-statement-too-many",
        path="runtime/runner.py",
        before="""        progress.stage = Stage.INTENT
        self.note(number, digest, StatementState.INTENT)
""",
        after="""        progress.stage = Stage.INTENT
        progress.finished.add(number)
        self.note(number, digest, StatementState.INTENT)
""",
        tests=("tests/runtime/test_execute.py",),
    ),
    Mutation(
        slug="journal-stays-behind-a-finished-file",
        path="runtime/runner.py",
        before="""            if self.progress.journaled:
                self.journal.clear(self.key)
""",
        after="",
        tests=("tests/runtime/test_execute.py",),
    ),
    Mutation(
        slug="an-invalid-index-counts-as-created",
        path="dialects/postgresql/probe.py",
        before="        if valid:\n            return not refused",
        after="        if True:\n            return not refused",
        tests=("tests/dialects/postgresql/test_probe.py",),
    ),
    Mutation(
        slug="off-shares-one-transaction",
        path="runtime/schedule.py",
        before='own_transaction = frozenset(range(1, len(facts) + 1)) - session_settings if transaction == "off" else apart',
        after="own_transaction = apart",
        tests=("tests/runtime/test_execute.py",),
    ),
    Mutation(
        slug="a-statement-that-its-transaction-refuses-fails",
        path="runtime/runner.py",
        before="if self.progress.stage is not Stage.TRANSACTION or error.failure is not Failure.TRANSACTION_REFUSED:",
        after="if self.progress.stage is not Stage.TRANSACTION or error.failure is Failure.TRANSACTION_REFUSED:",
        tests=("tests/runtime/test_execute.py::test_only_the_engine_knows_what_a_procedure_does",),
    ),
    # -- proof, claims and gate
    Mutation(
        slug="second-upgrade-not-compared",
        path="api/verification.py",
        before="yield VerificationStep.AGAIN, differences(self.scratch.inspect(), self.after, self.scratch.dialect)",
        after="yield VerificationStep.AGAIN, ()",
        tests=("tests/acceptance/test_proof_faults.py",),
    ),
    Mutation(
        slug="restored-schema-not-compared",
        path="api/verification.py",
        before="yield VerificationStep.ROLLBACK, self._rollback_differences()",
        after="yield VerificationStep.ROLLBACK, () if self._rollback_differences() else ()",
        tests=("tests/acceptance/test_proof_faults.py",),
    ),
    Mutation(
        slug="schema-of-the-upgrade-not-compared",
        path="api/proof.py",
        before="unlike = differences_from(scratch, _schema_after_conversions(scratch, part))",
        after="unlike = ()",
        tests=("tests/acceptance/test_proof_faults.py",),
    ),
    Mutation(
        slug="scratch-not-read-anew",
        path="runtime/scratch_database.py",
        before="if last is None or (last.sent, last.schemas) != (self.conn.sent, self.schemas):",
        after="if last is None or last.schemas != self.schemas:",
        tests=("tests/acceptance/test_proof_faults.py", "tests/runtime/test_scratch.py"),
    ),
    Mutation(
        slug="failure-in-a-message-passed-over",
        path="runtime/runner.py",
        before="            self.conn.begin()\n            return False\n",
        after="            self.conn.begin()\n            return True\n",
        tests=("tests/runtime/test_scratch.py", "tests/acceptance/test_proof_faults.py"),
    ),
    Mutation(
        slug="rows-not-compared",
        path="api/proof.py",
        before="                    rows = compare_rows(scratch, part, file, verification.record)\n",
        after="",
        tests=("tests/acceptance/test_proof_faults.py",),
    ),
    Mutation(
        slug="digest-of-the-upgrade-only",
        path="core/proof_claim.py",
        before='(("upgrade", file.upgrade(engine)), ("rollback", file.rollback(engine)))',
        after='(("upgrade", file.upgrade(engine)),)',
        tests=("tests/core/test_proof_claim.py",),
    ),
    Mutation(
        slug="stale-claim-believed",
        path="core/proof_claim.py",
        before='    return ProofStatus.PROVEN if match["digest"] == sections_digest(file) else ProofStatus.STALE',
        after="    return ProofStatus.PROVEN",
        tests=("tests/core/test_proof_claim.py",),
    ),
    Mutation(
        slug="gate-of-migrate-open",
        path="api/safety_gate.py",
        before="    return UnsafeMigration(**_error_fields(workspace, findings)) if findings else None",
        after="    return None",
        tests=("tests/api/test_check.py", "tests/scripts/test_scripts.py"),
    ),
    Mutation(
        slug="gate-of-rollback-open",
        path="api/safety_gate.py",
        before="    return UnsafeRollback(**_error_fields(workspace, findings, announced))",
        after="    return None",
        tests=("tests/api/test_safety_gate.py",),
    ),
    Mutation(
        slug="gate-believes-that-tables-are-empty",
        path="api/safety_gate.py",
        before="    environment = replace(environment, sizes=dialect.sizes(conn))",
        after="    environment = replace(environment, sizes={ref: type(size)(0, 0) for ref, size in dialect.sizes(conn).items()})",
        tests=("tests/api/test_check.py", "tests/api/test_safety_gate.py"),
    ),
    # -- data steps, lists of changes, the command line
    Mutation(
        slug="data-goes-before-its-new-place-is-there",
        path="core/data_moves.py",
        before="created[move.target.ref] < destroyed[move.source.ref])",
        after="created[move.target.ref] > destroyed[move.source.ref])",
        tests=("tests/api/test_data_moves.py",),
    ),
    Mutation(
        slug="columns-that-take-moved-data-are-not-null-first",
        path="core/data_moves.py",
        before="    filled, refilled = frozenset((*fills, *required(moves))), frozenset(required(map(inverse, moves)))",
        after="    filled, refilled = frozenset[Ref](), frozenset[Ref]()",
        tests=("tests/api/test_data_moves.py",),
    ),
    Mutation(
        slug="a-fill-overwrites-values",
        path="dialects/postgresql/fills.py",
        before="SET {name} = {expression or '...'} WHERE {name} IS NULL",
        after="SET {name} = {expression or '...'}",
        tests=("tests/api/test_filling.py",),
    ),
    Mutation(
        slug="clauses-about-one-column-are-joined",
        path="dialects/postgresql/alter_table_merging.py",
        before="        return self.columns.isdisjoint(other.columns) and (adjacent or not (self.types or other.types))",
        after="        return adjacent or not (self.types or other.types)",
        tests=("tests/dialects/postgresql/test_alter_table_merging.py",),
    ),
    Mutation(
        slug="a-change-is-told-backwards",
        path="core/change_line.py",
        before="""words = _join(self.noun, f"{before or 'none'} → {after or 'none'}")""",
        after="""words = _join(self.noun, f"{after or 'none'} → {before or 'none'}")""",
        tests=("tests/api/test_list_of_changes.py",),
    ),
    Mutation(
        slug="findings-repeat-their-file",
        path="cli/findings.py",
        before="        view.heading(place)\n        for finding in group:\n",
        after="        for finding in group:\n            view.heading(place)\n",
        tests=("tests/api/test_command_line.py::test_findings_are_wrapped_on_a_terminal_and_nowhere_else",),
    ),
    Mutation(
        slug="every-migration-completes-a-version",
        path="api/completion.py",
        before="for kind, candidate in _migrations(config, database) if kind is Kind.VERSIONED)",
        after="for _, candidate in _migrations(config, database))",
        tests=("tests/api/test_completion.py",),
    ),
    Mutation(
        slug="rows-of-copy-are-read-as-sql",
        path="core/file.py",
        before="            if _reads_rows(statement.text, lexical_rules):",
        after="            if False and _reads_rows(statement.text, lexical_rules):",
        tests=("tests/core/test_file.py",),
    ),
    Mutation(
        slug="any-recorded-file-counts-as-this-one",
        path="runtime/directory.py",
        before="        known = recorded.get(digest)",
        after="        known = next(iter(recorded.values()), None)",
        tests=("tests/api/test_recorded_files.py",),
    ),
    Mutation(
        slug="a-signal-waits-for-a-dead-server",
        path="runtime/signals.py",
        before="            if number[0] in SIGNALS:",
        after="            if False and number[0] in SIGNALS:",
        tests=("tests/acceptance/test_hung_network.py",),
    ),
)
