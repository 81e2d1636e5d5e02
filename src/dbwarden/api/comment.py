"""comment: writes a report as a comment on the pull request that a CI job runs for, and updates it the next time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from dbwarden.errors import UsageError
from dbwarden.runtime.code_host import review_of_job

_MARKER = "<!-- dbwarden "


@dataclass(frozen=True, slots=True)
class CommentReport:
    """Outcome of ``comment``."""

    code_host: str
    """``GitHub`` or ``GitLab``."""
    action: str
    """``created``, ``updated``, ``unchanged``, or ``none`` if there was none to update."""
    url: str


def comment(
    text: str, *, number: int | None = None, only_update: bool = False, environment: Mapping[str, str] | None = None
) -> CommentReport:
    """Write ``text``, a document of ``check --out markdown``, as a comment; replace the one with the same first line.

    ``environment`` are the variables of the CI job (default: those of this process). ``number`` is the pull request's, which
    the job knows otherwise. Raises ``UsageError`` for another text, ``NoReview``, ``CommentFailed``.
    """
    marker = text.partition("\n")[0].strip()
    if not marker.startswith(_MARKER):
        raise UsageError(
            "This is not a report for a comment: its first line is not `<!-- dbwarden ... -->`",
            hint="Write one with `dbwarden check --out markdown > report.md`.",
        )
    review = review_of_job(os.environ if environment is None else environment, number)
    former = review.find(marker)
    if former is not None and former.body.strip() == text.strip():
        return CommentReport(review.host, "unchanged", former.url)
    if former is not None:
        return CommentReport(review.host, "updated", review.update(former, text).url)
    if only_update:
        return CommentReport(review.host, "none", "")
    return CommentReport(review.host, "created", review.create(text).url)
