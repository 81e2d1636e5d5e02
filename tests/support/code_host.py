"""The comments of one pull request, behind the addresses that GitHub and GitLab have for them."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PATHS = {
    "GitHub": (
        re.compile(r"/repos/me/app/issues/7/comments(?:\?per_page=(\d+)&page=(\d+))?$"),
        re.compile(r"/repos/me/app/issues/comments/(\d+)$"),
    ),
    "GitLab": (
        re.compile(r"/projects/42/merge_requests/7/notes(?:\?per_page=(\d+)&page=(\d+))?$"),
        re.compile(r"/projects/42/merge_requests/7/notes/(\d+)$"),
    ),
}
_UPDATE = {"GitHub": "PATCH", "GitLab": "PUT"}


@dataclass
class CodeHost:
    """Its comments, and each change as its method; ``refuses`` is a status that it answers every change with."""

    name: str
    token: str = "t0ken"
    comments: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    refuses: int = 0
    redirects: str = ""
    url: str = ""

    def answer(self, method: str, path: str, headers: Any, body: dict[str, str] | None) -> tuple[int, Any]:
        wanted = headers["Authorization"] == f"Bearer {self.token}" or headers["PRIVATE-TOKEN"] == self.token
        if not wanted:
            return 401, {"message": "Bad credentials"}
        collection, item = (pattern.fullmatch(path) for pattern in _PATHS[self.name])
        if method == "GET" and collection:
            size, page = int(collection[1]), int(collection[2])
            return 200, [self.document(at) for at in range(len(self.comments))][size * (page - 1) : size * page]
        if body is None or self.refuses:
            return self.refuses or 404, {"message": "Resource not accessible by integration"}
        if len(body["body"]) > 65_536:
            return 422, {"message": "body is too long (maximum is 65536 characters)"}
        if method == "POST" and collection:
            self.comments.append(body["body"])
            self.changes.append(method)
            return 201, self.document(len(self.comments) - 1)
        if method == _UPDATE[self.name] and item:
            self.comments[int(item[1]) - 1] = body["body"]
            self.changes.append(method)
            return 200, self.document(int(item[1]) - 1)
        return 404, {"message": "Not Found"}

    def document(self, at: int) -> dict[str, Any]:
        return {"id": at + 1, "body": self.comments[at], "html_url": f"https://example.org/7#{at + 1}"}


@contextmanager
def serving(host: CodeHost) -> Iterator[CodeHost]:
    """The host on a port of this machine; its ``url`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if host.redirects:
                self.send_response(302)
                self.send_header("Location", host.redirects)
                self.end_headers()
                return
            status, document = host.answer(self.command, self.path, self.headers, body)
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = handle_one

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
