"""Arguments of engines whose rows are elsewhere: which of them are secrets, and how the server spells the others.

A secret is ``'[HIDDEN]'`` in every definition that the server shows. Measured on 26.9, which has all of these engines but
``ExternalDistributed``, ``Iceberg`` without a reachable bucket, ``RabbitMQ``, ``NATS`` and ``YTsaurus`` (those by documentation).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from .expressions import split
from .words import name_of, quote, string_literal, unescaped

SECRET = "[HIDDEN]"
"""What the server prints for a password."""
_HIDDEN = f"'{SECRET}'"
_PASSWORD_AT = {
    "PostgreSQL": 4, "MySQL": 4, "MongoDB": 4, "MaterializedPostgreSQL": 4, "ExternalDistributed": 5, "Redis": 2, "ODBC": 0,
    "JDBC": 0, "YTsaurus": 2,
}  # fmt: skip
"""Number of the argument of each engine that the server hides, from 0."""
_BUCKETS = frozenset("S3 S3Queue GCS OSS COSN DeltaLake DeltaLakeS3 Hudi Iceberg IcebergS3 Paimon PaimonS3".split())
"""Engines with the arguments of S3: URL, key and secret, token, format, compression."""
_AZURE = frozenset("AzureBlobStorage AzureQueue DeltaLakeAzure IcebergAzure PaimonAzure".split())
_OTHERS = frozenset("URL File HDFS SQLite HDFSQueue FileLog Kafka ArrowFlight Executable ExecutablePool".split())
ELSEWHERE = frozenset((*_PASSWORD_AT, *_BUCKETS, *_AZURE, *_OTHERS))
"""Engines whose arguments are strings, and names of formats."""
_SECRET_NAMES = frozenset("password secret_access_key session_token account_key connection_string token".split())
"""Arguments by name behind a named collection that the server hides."""
_COMPRESSIONS = frozenset("auto none gzip gz deflate br brotli xz lzma zstd zst lz4 bz2 snappy".split())
_FORMAT = re.compile(r"[A-Z][A-Za-z0-9]{1,39}|auto")
_IN_URL = re.compile(r"(?<=://)([^:/@\s']*):[^@/\s']+(?=@)")
_ACCOUNT_KEY = re.compile(r"(?<=AccountKey=)[^;']+")
_HEADER = re.compile(r"\s*=\s*'(?:[^'\\]|\\.)*'")
_INFERRED = {
    "csv": "CSV", "tsv": "TSV", "parquet": "Parquet", "json": "JSON", "jsonl": "JSONEachRow", "ndjson": "JSONEachRow",
    "orc": "ORC", "avro": "Avro", "arrow": "Arrow", "native": "Native",
}  # fmt: skip
"""Formats that the server takes from the ending of a path, and writes into the definition."""
_PARQUET = ("DeltaLake", "Hudi", "Iceberg", "Paimon")


def hidden_in_url(text: str) -> str:
    """``text`` without the passwords of URLs."""
    return _IN_URL.sub(rf"\1:{SECRET}", text)


def canonical_arguments(engine: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Arguments of an engine of ``ELSEWHERE`` as the server shows them, secrets hidden."""
    if arguments and arguments[0].isidentifier() and not (engine == "File" and _FORMAT.fullmatch(arguments[0])):
        return (arguments[0], *map(_named, arguments[1:]))
    spelled = [string_literal(text) if text.isidentifier() else _spelled(text) for text in arguments]
    secret = _secrets(engine, [unescaped(text) if text[:1] == "'" else text for text in spelled])
    shown = [_HIDDEN if at in secret and text != "''" else text for at, text in enumerate(spelled)]
    return tuple(shown[:-1] if _is_inferred(engine, shown) else shown)


def same_arguments(existing: str, stated: str) -> bool:
    """Whether arguments are equal but for secrets that are hidden, or that are empty in the models."""
    (name, former), (other, wanted) = (_call(text) for text in (existing, stated))
    return (
        name == other
        and len(former) == len(wanted)
        and all(one == two or {one, two} == {_HIDDEN, "''"} for one, two in zip(former, wanted, strict=True))
    )


def _call(engine: str) -> tuple[str, tuple[str, ...]]:
    name, _, arguments = engine.partition("(")
    return name, split(arguments[:-1]) if arguments else ()


def _named(text: str) -> str:
    """``password = 'x'`` behind the name of a collection."""
    name, sign, value = text.partition("=")
    if not sign:
        return text
    name, value = name_of(name.strip()), value.strip()
    hidden = name in _SECRET_NAMES and value != "''"
    return f"{quote(name)} = {_HIDDEN if hidden else hidden_in_url(value)}"


def _spelled(text: str) -> str:
    """An argument without what is secret inside it: the password of a URL, the values of headers, the key of an account."""
    if text.startswith("headers("):
        return _HEADER.sub(f" = {_HIDDEN}", text)
    return _ACCOUNT_KEY.sub(SECRET, hidden_in_url(text)) if text[:1] == "'" else text


def _secrets(engine: str, values: Sequence[str]) -> Collection[int]:
    """Numbers of the arguments that are secrets."""
    if engine in _BUCKETS:
        return _bucket_secrets([text for text in values if not text.startswith(("headers(", "extra_credentials("))])
    if engine in _AZURE:
        keyed = len(values) > 4 and "=" not in values[0] and values[4].lower() not in _COMPRESSIONS
        return (4,) if keyed else ()
    return (_PASSWORD_AT[engine],) if engine in _PASSWORD_AT else ()


def _bucket_secrets(values: Sequence[str]) -> Collection[int]:
    """Of ``url, key, secret [, token] [, format [, compression]]``; ``url, NOSIGN, ...`` and ``url, format, ...`` have none."""
    if len(values) < 3 or values[1].upper() == "NOSIGN" or values[2].lower() in _COMPRESSIONS:
        return ()
    packed = values[-1].lower() in _COMPRESSIONS
    behind = values[3 : -1 if packed else None]
    has_token = len(behind) == 2 or (len(behind) == 1 and not _FORMAT.fullmatch(behind[0]))
    return (2, 3) if has_token else (2,)


def _is_inferred(engine: str, shown: Sequence[str]) -> bool:
    """Whether the last argument is the format that the server adds if none is stated."""
    if engine not in _BUCKETS | _AZURE or len(shown) < 2:
        return False
    last = unescaped(shown[-1]) if shown[-1][:1] == "'" else ""
    if engine.startswith(_PARQUET):
        return last == "Parquet"
    path = unescaped(shown[0] if engine in _BUCKETS else shown[2]) if len(shown) > 2 or engine in _BUCKETS else ""
    parts = path.removesuffix(".gz").rpartition(".")
    return bool(last) and _INFERRED.get(parts[2].lower()) == last
