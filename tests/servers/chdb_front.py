"""The product's HTTP server for the embedded engine, with what clients of other makers send, and with more accounts.

python -m tests.servers.chdb_front --data=FOLDER --port=N [--config-file=FILE]
"""

from __future__ import annotations

import gzip
import zlib
from email.parser import BytesParser

from dbwarden.dialects.clickhouse.embedded_server import EmbeddedHandler, Rejected, Request, serve

READER = "reader"
"""Account that may read, and change no setting. It has the password of the other one."""


class Front(EmbeddedHandler):
    """Compressed and multipart bodies (clickhouse-connect), and a read-only account."""

    def read_request(self, parameters: dict[str, str], body: bytes) -> Request:
        body = self.decompressed(body)
        kind = self.headers.get("Content-Type") or ""
        if kind.startswith("multipart/form-data"):
            message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
            for part in message.get_payload():
                name = part.get_param("name", header="content-disposition")
                parameters.setdefault(str(name), part.get_payload(decode=True).decode())
            body = b""
        return super().read_request(parameters, body)

    def decompressed(self, body: bytes) -> bytes:
        encoding = self.headers.get("Content-Encoding") or ""
        if encoding == "gzip":
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
        if encoding == "lz4":
            import lz4.frame

            return bytes(lz4.frame.decompress(body))
        if encoding == "zstd":
            from backports import zstd

            return bytes(zstd.decompress(body))
        if encoding:
            raise Rejected(1002, f"unknown Content-Encoding {encoding}", 415)
        return body

    def check_account(self, user: str, password: str, parameters: dict[str, str]) -> None:
        if user == READER and password == self.password:
            parameters["readonly"] = "1"
            return
        super().check_account(user, password, parameters)


if __name__ == "__main__":
    serve(Front)
