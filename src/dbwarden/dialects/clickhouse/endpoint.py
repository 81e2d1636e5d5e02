"""The HTTP endpoint that a URL of ClickHouse names.

A URL has the parameters of ``clickhouse_connect.get_client`` or of ``clickhouse_sqlalchemy``; every other parameter is a
setting of the server, as both drivers have it.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dbwarden.core.connector import connection_failed
from dbwarden.core.url import Url

HTTP_PORT, HTTPS_PORT = 8123, 8443

_CLIENT_OPTIONS = frozenset(
    (
        "access_token alt_hosts apply_server_timezone autogenerate_query_id autogenerate_session_id ca_cert ca_certs"
        " certfile ciphers client_cert client_cert_key client_name compress compression connect_timeout database"
        " dedicated_pool dsn endpoint engine_reflection form_encode_query_params headers host http_proxy https_proxy"
        " interface keyfile native_codec password pool_mgr port protocol proxy_path query_limit query_retries"
        " rename_response_column round_robin secure send_receive_timeout server_host_name session_id"
        " settings_is_important show_clickhouse_errors strings_as_bytes strings_encoding sync_request_timeout timeout"
        " tls_mode tz_mode tz_source use_numpy user user_name username utc_tz_aware verify"
    ).split()
)
"""Parameters of the drivers that are not settings of the server."""
_FALSE = ("0", "false", "no", "off", "n")
_TRUE = ("1", "true", "yes", "on", "y")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go, and what all of them carry."""

    host: str = "localhost"
    port: int = HTTP_PORT
    path: str = "/"
    tls: ssl.SSLContext | None = None
    server_name: str = ""
    """Name in the server's certificate, if it is not ``host``."""
    proxy: str = ""
    """URL of an HTTP proxy."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    database: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of the server in the URL."""


def endpoint(url: Url) -> Endpoint:
    """The endpoint of a URL. Raises ``ConnectionFailed`` for a certificate that cannot be read."""
    parameters = url.parameters
    secure = is_secure(url)
    path = parameters.get("proxy_path") or parameters.get("endpoint") or ""
    return Endpoint(
        host=url.host or parameters.get("host") or "localhost",
        port=url.port or (HTTPS_PORT if secure else HTTP_PORT),
        path="/" + path.strip("/"),
        tls=tls_context(url) if secure else None,
        server_name=parameters.get("server_host_name", ""),
        proxy=parameters.get("https_proxy" if secure else "http_proxy", ""),
        headers=_credentials(url),
        database=url.database or "",
        settings=server_settings(url),
    )


def server_settings(url: Url) -> dict[str, str]:
    """Settings of the server in the parameters of a URL."""
    return {name.removeprefix("ch_"): value for name, value in url.parameters.items() if name not in _CLIENT_OPTIONS}


def is_secure(url: Url) -> bool:
    """Whether the connection is encrypted."""
    parameters = url.parameters
    if "secure" in parameters:
        return parameters["secure"].lower() in _TRUE
    scheme = parameters.get("interface") or parameters.get("protocol")
    return scheme == "https" if scheme else url.port in (443, HTTPS_PORT)


def tls_context(url: Url) -> ssl.SSLContext:
    """Verification and certificates of an encrypted connection."""
    parameters = url.parameters
    certificate = parameters.get("client_cert") or parameters.get("certfile")
    key = parameters.get("client_cert_key") or parameters.get("keyfile")
    authority = parameters.get("ca_cert") or parameters.get("ca_certs")
    for path in (certificate, key, authority):
        if path and not Path(path).expanduser().exists():
            raise connection_failed(url, f"the file {path} of the URL does not exist")
    context = ssl.create_default_context(cafile=authority)
    if parameters.get("verify", "true").lower() in _FALSE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def _credentials(url: Url) -> dict[str, str]:
    parameters = url.parameters
    token = parameters.get("access_token")
    if token:
        return {"Authorization": f"Bearer {token}"}
    user = url.username or parameters.get("user") or parameters.get("username") or ""
    password = url.password or parameters.get("password") or ""
    if parameters.get("client_cert") and parameters.get("tls_mode", "mutual") == "mutual":
        return {"X-ClickHouse-User": user, "X-ClickHouse-SSL-Certificate-Auth": "on"}
    if not user and not password:
        return {}
    pair = f"{user or 'default'}:{password}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


def proxy_address(proxy: str) -> tuple[str, int]:
    """Host and port of a proxy."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or 3128
