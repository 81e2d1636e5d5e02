"""Masks passwords in URLs and other texts."""

from __future__ import annotations

import re

MASK = "***"
SECRET_KEY = r"[\w.%-]*(?:password|passwd|pwd|passphrase|secret|token)[\w.%-]*"
_SECRET_PARAMETER = re.compile(rf"([?&]{SECRET_KEY}=)[^&]*", re.IGNORECASE)
# Bounded, and without a prefix: otherwise a word of a megabyte would be read again from each of its letters.
_SECRET_WORD = re.compile(
    r"""((?:password|passwd|pwd|passphrase|secret|token)[\w.%-]{0,200}\s*=\s*)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s&]*)""",
    re.IGNORECASE,
)
_URL_IN_TEXT = re.compile(r"""[A-Za-z][\w+.-]{0,40}://[^\s"'<>]+""")


def redacted(url: str) -> str:
    """The URL as typed, with each password (user part, query string, ``key=value`` text) replaced by ``***``.

    If it is unclear where the password in a malformed URL ends, too much is masked rather than too little.
    """
    head, mark, rest = url.partition("://")
    if not mark:
        text = _SECRET_WORD.sub(_masked_value, url)
        return f"{MASK}@{text.rpartition('@')[2]}" if "@" in text else text
    return f"{head}://{_SECRET_PARAMETER.sub(_masked_value, _mask_user_part(rest))}"


def redacted_text(text: str) -> str:
    """The text with the passwords of URLs and values assigned to names such as ``password`` replaced by ``***``."""
    return _SECRET_WORD.sub(_masked_value, _URL_IN_TEXT.sub(lambda match: redacted(match[0]), text))


def _masked_value(match: re.Match[str]) -> str:
    return match[1] + MASK


def _mask_user_part(rest: str) -> str:
    username = re.match(r"[^:/]*:", rest)
    if username is None or "@" not in rest[username.end() :]:
        return rest
    end = rest.index("@", username.end())
    before_query, _, query = rest[end + 1 :].partition("?")
    if "@" in before_query:
        end += 1 + before_query.rindex("@")
    elif "@" in query and "=" not in query[: query.index("@")]:
        end = rest.rindex("@")
    return f"{username[0]}{MASK}{rest[end:]}"
