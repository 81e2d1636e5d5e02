"""Editing of new migrations before they count as written (``make-migrations --edit``).

A person edits the files in their place. What was changed is tried out again, because the header's proof is that of the
generated text. If the editor fails, or a file can no longer be run, the caller takes everything back; the edited text is then
kept in a temporary folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core.file import MigrationFile
from dbwarden.core.resolve import ensure_written
from dbwarden.errors import DBWardenError, EditFailed, Interrupted, ProofFailed
from dbwarden.runtime import directory

from .dev import variant_of
from .draft import Draft, Generation, Tried, try_out_text
from .proof import NOT_TRIED, Proof, with_headers
from .prove import prove_file

Editor = Callable[[Sequence[Path]], None]
"""Lets a person edit files; returns when that is done. Raises ``EditFailed``."""


def with_edits(generation: Generation, drafts: Sequence[Draft], edit: Editor) -> tuple[Draft, ...]:
    """The drafts as a person left them, each changed one tried out again.

    Raises ``EditFailed`` for a file that is empty, removed or cannot be run, with a note where its text is kept.
    """
    written = [draft for draft in drafts if draft.path is not None]
    if not written:
        return tuple(drafts)
    try:
        edit([draft.path for draft in written if draft.path is not None])
        files = [_parsed(draft) for draft in written]
        return tuple(
            draft if file.text == draft.text else _tried_again(generation, draft, file)
            for draft, file in zip(written, files, strict=True)
        )
    except DBWardenError as error:
        copies = [copy for draft in written if (copy := _kept_copy(draft)) is not None]
        if copies:
            error.add_note(f"The edited text is kept in {', '.join(map(str, copies))}.")
        raise


def _parsed(draft: Draft) -> MigrationFile:
    assert draft.path is not None
    path, rules = draft.path, draft.part.comparison.dialect.lexical_rules
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise EditFailed(reason=f"{path.name} was removed") from None
    except (OSError, UnicodeDecodeError) as error:
        raise EditFailed(reason=f"{path.name} cannot be read: {error}") from error
    if not text.strip():
        raise EditFailed(reason=f"{path.name} is empty")
    try:
        file = migration_file.parse(path.name, text, rules, dialects.LEXICAL_RULES)
        ensure_written((file,))
        empty = not file.rollback() and file.irreversible is None
    except DBWardenError as error:
        raise EditFailed(reason=error.message) from error
    if empty:
        raise EditFailed(reason=f"the rollback section of {path.name} is empty, and no `-- irreversible:` says why")
    return file


def _kept_copy(draft: Draft) -> Path | None:
    """A copy of an edited file, which is removed with all others; ``None`` if nothing would be lost."""
    assert draft.path is not None
    try:
        data = draft.path.read_bytes()
    except OSError:
        return None
    if not data.strip() or data == draft.text.encode():
        return None
    copy = Path(tempfile.mkdtemp(prefix="dbwarden-")) / draft.path.name
    copy.write_bytes(data)
    return copy


# -- the proof of an edited file ----------------------------------------------------------------------------------


def _tried_again(generation: Generation, draft: Draft, file: MigrationFile) -> Draft:
    """The edited draft with a new proof in its header, or the reason why there is none."""
    assert draft.path is not None
    tried, problems = _proofs(generation, draft, file)
    text = with_headers(file, [proof for proof in tried if proof is not None])
    if text != draft.path.read_bytes().decode():
        directory.replace(draft.path, text)
    return replace(draft, text=text, tried=tried, edited=True, problems=problems)


def _proofs(generation: Generation, draft: Draft, file: MigrationFile) -> tuple[Tried, tuple[str, ...]]:
    if generation.proof is False:
        return (NOT_TRIED, None), ()
    try:
        if generation.offline:
            # No database shows what is applied: the edited file is held against the same schemas as the generated one.
            other = variant_of(generation.workspace, draft.part.comparison, False)
            return try_out_text(generation, draft.part.comparison, other, file.text), ()
        report = prove_file(generation.workspace, file.name, generation.options.events)
    except Interrupted:
        raise
    except ProofFailed as error:
        return (Proof(False, f"edited, and {error.problem}"), None), (f"{error.problem}: {error.details}",)
    except DBWardenError as error:
        return (Proof(False, f"edited, and not tried out again ({error.message})"), None), ()
    if report.problems:
        return (Proof(False, f"edited, and not all steps succeeded ({report.problems[0]})"), None), report.problems
    if not report.proofs:
        return (Proof(False, "edited, and not tried out again"), None), ()
    return (report.proofs[0], report.proofs[1] if len(report.proofs) > 1 else None), ()
