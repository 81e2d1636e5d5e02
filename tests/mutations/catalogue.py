"""The planted bugs: in reading files, resolving, history, lock, journal, execution, proof and gate."""

from __future__ import annotations

from .mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    # -- migration files
    Mutation(
        slug="checksum-of-the-rollback",
        path="core/file.py",
        before="return checksum((statement.text for statement in self.upgrade()), self.lexis)",
        after="return checksum((statement.text for statement in self.rollback()), self.lexis)",
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
        before="        os.link(temporary, path)  # fails where the name is taken, as os.replace would not",
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
        before="    if not any(file.headers for file in files) or not any(file.depends_on for file in files):",
        after="    if files:",
        tests=("tests/core/test_resolve.py",),
    ),
    Mutation(
        slug="needed-version-rolled-back",
        path="core/resolve.py",
        before="    _ensure_free(chosen, applied, known)\n",
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
)
