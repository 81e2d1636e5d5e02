"""Comments on the pull request or merge request that a CI job runs for.

Sources: GitHub REST API 2022-11-28, "Issue comments", and the default environment variables of GitHub Actions; GitLab REST API v4,
"Notes API", and its predefined CI/CD variables.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dbwarden.errors import CommentFailed, NoReview

_PAGE = 100
"""Comments on a page, the most that both hosts give."""
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the host has it."""

    id: int
    body: str
    url: str


@dataclass(frozen=True, slots=True, repr=False)
class Review:
    """A pull request (GitHub) or merge request (GitLab)."""

    host: str
    collection: str
    """Address of its comments."""
    item: str
    """Address of one comment, up to its number."""
    update_method: str
    headers: Mapping[str, str]

    def find(self, marker: str) -> Comment | None:
        """The first comment that begins with this line."""
        return next((comment for comment in self._comments() if comment.body.lstrip().startswith(marker)), None)

    def create(self, body: str) -> Comment:
        """Write a new comment."""
        return _comment(self._request("POST", self.collection, body))

    def update(self, comment: Comment, body: str) -> Comment:
        """Replace the text of a comment."""
        return _comment(self._request(self.update_method, f"{self.item}/{comment.id}", body))

    def _comments(self) -> Iterator[Comment]:
        page = 1
        while True:
            comments = self._request("GET", f"{self.collection}?per_page={_PAGE}&page={page}")
            yield from map(_comment, comments)
            if len(comments) < _PAGE:
                return
            page += 1

    def _request(self, method: str, url: str, body: str | None = None) -> Any:
        data = None if body is None else json.dumps({"body": body}).encode()
        headers = {**self.headers, "Content-Type": "application/json", "User-Agent": "dbwarden"}
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with _OPENER.open(request, timeout=_TIMEOUT) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise CommentFailed(host=self.host, reason=f"{error.code} {_message(error)}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise CommentFailed(host=self.host, reason=str(reason)) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token would go along to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def review_of_job(environment: Mapping[str, str], number: int | None = None) -> Review:
    """The review that the job with this environment runs for, or the one with ``number``. Raises ``NoReview``."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment, number)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment, number)
    raise NoReview(
        reason="this is no job of GitHub Actions or GitLab CI (neither GITHUB_ACTIONS nor GITLAB_CI is true)"
    )


def _github(environment: Mapping[str, str], number: int | None) -> Review:
    api, token = _api(environment, "GITHUB_API_URL"), _token(environment, "GITHUB_TOKEN", "GH_TOKEN")
    number = number if number is not None else _number_of_event(environment)
    issues = f"{api}/repos/{quote(_variable(environment, 'GITHUB_REPOSITORY'))}/issues"
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return Review("GitHub", f"{issues}/{number}/comments", f"{issues}/comments", "PATCH", headers)


def _gitlab(environment: Mapping[str, str], number: int | None) -> Review:
    api, token = _api(environment, "CI_API_V4_URL"), _token(environment, "GITLAB_TOKEN")
    project = quote(_variable(environment, "CI_PROJECT_ID"), safe="")
    iid = str(number) if number is not None else _variable(environment, "CI_MERGE_REQUEST_IID")
    notes = f"{api}/projects/{project}/merge_requests/{quote(iid, safe='')}/notes"
    return Review("GitLab", notes, notes, "PUT", {"PRIVATE-TOKEN": token})


def _number_of_event(environment: Mapping[str, str]) -> int:
    """Number of the pull request in the event that started the job (GITHUB_EVENT_PATH)."""
    path = Path(_variable(environment, "GITHUB_EVENT_PATH"))
    try:
        event = json.loads(path.read_text("utf-8"))
        number = event.get("pull_request", {}).get("number") or event.get("number")
    except (OSError, ValueError, AttributeError) as error:
        raise NoReview(reason=f"the event in {path} cannot be read: {error}") from error
    if not isinstance(number, int):
        raise NoReview(reason=f"the event `{environment.get('GITHUB_EVENT_NAME', '')}` is not about a pull request")
    return number


def _api(environment: Mapping[str, str], name: str) -> str:
    address = _variable(environment, name).rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise NoReview(reason=f"{name} is not an address: {address}")
    return address


def _token(environment: Mapping[str, str], *names: str) -> str:
    for name in names:
        if environment.get(name):
            return environment[name]
    raise NoReview(reason=f"{names[0]} is not set")


def _variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise NoReview(reason=f"{name} is not set")
    return value


def _comment(document: Mapping[str, Any]) -> Comment:
    return Comment(int(document["id"]), document.get("body") or "", document.get("html_url") or "")


def _message(error: urllib.error.HTTPError) -> str:
    """The host's reason; both send a JSON document with ``message`` or ``error``."""
    try:
        document = json.loads(error.read())
        return str(document.get("message") or document.get("error") or error.reason)
    except (OSError, ValueError, AttributeError):
        return str(error.reason)
