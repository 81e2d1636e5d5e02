"""Character sets: their default collations, and how many bytes a character takes (``information_schema.CHARACTER_SETS``)."""

from __future__ import annotations

from dbwarden.core.dialect import Server

_ALIASES = {"utf8": "utf8mb3"}
"""Names that the servers replace (MySQL 8.0.28, MariaDB 10.6)."""
_WIDE = {
    **dict.fromkeys("big5 cp932 euckr gb2312 gbk sjis ucs2".split(), 2),
    **dict.fromkeys("eucjpms ujis utf8mb3".split(), 3),
    **dict.fromkeys("gb18030 utf16 utf16le utf32 utf8mb4".split(), 4),
}
_DEFAULT_COLLATIONS = {
    **dict.fromkeys("big5 gb18030 gb2312 gbk".split(), "chinese_ci"),
    **dict.fromkeys("cp932 eucjpms sjis ujis".split(), "japanese_ci"),
    **dict.fromkeys("dec8 latin1 swe7".split(), "swedish_ci"),
    "euckr": "korean_ci",
    "hp8": "english_ci",
    "latin5": "turkish_ci",
    "tis620": "thai_ci",
}
_UNICODE = frozenset("ucs2 utf16 utf32 utf8mb3 utf8mb4".split())
"""Character sets with a new default collation in MariaDB 11.5 (variable ``character_set_collations``)."""


def charset_name(charset: str) -> str:
    """A character set by the name that the server reports."""
    charset = charset.strip("'\"`").lower()
    return _ALIASES.get(charset, charset)


def collation_name(collation: str) -> str:
    """A collation by the name that the server reports."""
    charset, separator, rest = collation.strip("'\"`").lower().partition("_")
    return _ALIASES.get(charset, charset) + separator + rest


def charset_of(collation: str) -> str | None:
    """The character set of a collation; ``None`` for one that fits several: ``_bin``, ``uca1400_ai_ci`` (MariaDB)."""
    charset = collation_name(collation).partition("_")[0]
    return charset if charset not in ("", "uca1400") else None


def full_collation(collation: str, charset: str) -> str:
    """A collation with its character set, which MariaDB lets one leave out: ``utf8mb4_uca1400_ai_ci``."""
    collation = collation_name(collation)
    return f"{charset}_{collation.lstrip('_')}" if charset_of(collation) is None else collation


def default_collation(charset: str, server: Server) -> str:
    """The collation of a character set that is named without one."""
    charset = charset_name(charset)
    for pair in (server.settings.get("collations") or "").split(","):
        name, _, collation = pair.strip().partition("=")
        if collation and charset_name(name) == charset:
            return collation_name(collation)
    if charset == "binary":
        return "binary"
    if server.flavour == "mariadb":
        return f"{charset}_uca1400_ai_ci" if server.version >= (11, 5) and charset in _UNICODE else _older(charset)
    return "utf8mb4_0900_ai_ci" if charset == "utf8mb4" else _older(charset)


def _older(charset: str) -> str:
    return f"{charset}_{_DEFAULT_COLLATIONS.get(charset, 'general_ci')}"


def bytes_per_character(charset: str) -> int:
    """The most bytes that a character takes."""
    return _WIDE.get(charset_name(charset), 1)


def database_charset(server: Server) -> str:
    """The character set of the current database; where it is not known, that of MySQL."""
    collation = server.settings.get("collation")
    return server.settings.get("charset") or (charset_of(collation) if collation else None) or "utf8mb4"
