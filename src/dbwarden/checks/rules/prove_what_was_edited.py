"""Prove again what was edited

The header `-- proven:` of a generated file says what was tried out before it was written, with a digest of the statements
that were tried: upgrade and rollback, variants for other engines included. When the SQL below is edited, the header claims
what nobody has tried.

```sql
-- proven: postgresql 15.18, upgrade/rollback/upgrade, schema exact; digest 3f2a9c04d1e57b68

-- upgrade
ALTER TABLE users ADD COLUMN phone VARCHAR(30);        -- edited: it was VARCHAR(20)
```

Instead: prove the file anew, which rewrites the header.

```console
$ dbwarden check --prove 0003_add_phone.sql
```

`migrate --sandbox` does the same for every pending file that has such a header. Comments and white space may change: they are
no part of the digest.

WARN where the statements are others than those that were proven, INFO where the header carries no digest: an older version
wrote it, or a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.proof_claim import ProofStatus

FILES_ONLY = True


def judge(context: Context) -> Iterator[Finding]:
    """A header that claims more than is known."""
    advice = f"prove it anew: `dbwarden check --prove {context.name}` rewrites the header"
    if context.claim is ProofStatus.STALE:
        text = "the proof in the header is stale: the statements are others than those that were proven"
        yield Finding(Severity.WARN, text, advice, context.claim_line)
    elif context.claim is ProofStatus.UNBOUND:
        text = "the proof in the header is not bound to the statements: it carries no digest of them"
        yield Finding(Severity.INFO, text, advice, context.claim_line)
