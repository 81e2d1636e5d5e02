"""Prove again what was edited

The header `-- proven:` of a generated file says what was tried out before it was written. It has a digest of the
statements that were tried: upgrade and rollback, including variants for other engines. After an edit of the SQL, the
header claims what nobody has tried.

```sql
-- proven: postgresql 15.18, upgrade/rollback/upgrade, schema exact; digest 3f2a9c04d1e57b68

-- upgrade
ALTER TABLE users ADD COLUMN phone VARCHAR(30);        -- edited: it was VARCHAR(20)
```

Instead: prove the file again, which rewrites the header.

```console
$ dbwarden check --prove 0003_add_phone.sql
```

`migrate --sandbox` does the same for every pending file with such a header. Comments and white space may change: they
are not part of the digest.

WARN if the statements are not those that were proven; INFO if the header has no digest because an older version or a
person wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.proof_claim import ProofStatus

FILES_ONLY = True


def check(context: Context) -> Iterator[Finding]:
    """A header whose proof is not about the statements of the file."""
    advice = f"prove it anew: `dbwarden check --prove {context.name}` rewrites the header"
    if context.claim is ProofStatus.STALE:
        text = "the proof in the header is stale: the statements are others than those that were proven"
        yield Finding(Severity.WARN, text, advice, context.claim_line)
    elif context.claim is ProofStatus.UNBOUND:
        text = "the proof in the header is not bound to the statements: it carries no digest of them"
        yield Finding(Severity.INFO, text, advice, context.claim_line)
