"""Errors of comments on pull requests and merge requests."""

from __future__ import annotations

from .base import ConfigurationError, DBWardenError


class NoReview(ConfigurationError):
    """There is no pull request to comment on: {reason}"""

    reason: str

    hint = (
        "GitHub Actions: run it for the event pull_request with GITHUB_TOKEN in the environment. GitLab CI: in a merge request"
        " pipeline with GITLAB_TOKEN, a project access token with the scope api."
    )


class CommentFailed(DBWardenError):
    """{host} did not take the comment: {reason}"""

    host: str
    reason: str

    hint = "The token needs the right to write comments; GitHub gives none to jobs for pull requests from forks."
