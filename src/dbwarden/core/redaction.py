"""Texts without the passwords in them."""

from __future__ import annotations

import re

MASK = "***"
SECRET_KEY = r"[\w.%-]*(?:password|passwd|pwd|passphrase|secret|token)[\w.%-]*"
_SECRET_PARAMETER = re.compile(rf"([?&]{SECRET_KEY}=)[^&]*", re.IGNORECASE)
# Bounded, and without what may stand in front: a text of one word of a megabyte is read once, not from each of its letters.
_SECRET_WORD = re.compile(
    r"""((?:password|passwd|pwd|passphrase|secret|token)[\w.%-]{0,200}\s*=\s*)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s&]*)""",
    re.IGNORECASE,
)
_URL_IN_TEXT = re.compile(r"""[A-Za-z][\w+.-]{0,40}://[^\s"'<>]+""")


def redacted(url: str) -> str:
    """The URL as it was typed, with every password in it (user part, query string, ``key=value`` text) as ``***``.

    Where a malformed URL leaves in doubt what the password is, more is masked, never less.
    """
    head, mark, rest = url.partition("://")
    if not mark:
        text = _SECRET_WORD.sub(_masked_value, url)
        return f"{MASK}@{text.rpartition('@')[2]}" if "@" in text else text
    return f"{head}://{_SECRET_PARAMETER.sub(_masked_value, _mask_user_part(rest))}"


def redacted_text(text: str) -> str:
    """Mask secrets in any text (a line of a configuration file, a driver's words): the passwords of URLs, and values
    assigned to a name such as ``password``."""
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
