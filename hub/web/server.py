"""The HTTP server of one process: cheroot, told how much it may read, and to say no as the pages do, in coded JSON.

What a request sends beyond what its view read is neither kept nor taken for a next request: the connection ends. So a body
that nobody asked for costs no memory, and nothing can hide behind it. No routes, no logic of any noun.

Source: RFC 9112, 6.3 (length of a body), 9.6 (closing in two stages), 11.2 (request smuggling).
"""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10, Server

from hub.web.app import MAX_BODY_BYTES
from hub.web.problems import text_of

THREADS = 12
MAX_HEADER_BYTES = 64 * 1024  # the request line with all headers
LINGER_SECONDS = 1.0  # how long a refused sender may take to notice the answer


def server_of(app: Callable[..., Any], address: tuple[str, int]) -> Server:
    """Return the server of `app` at `address` (host, port), not yet started."""
    server = Server(address, app, numthreads=THREADS, server_name="tongban")
    server.gateway = _Gateway
    server.ConnectionClass = _Connection
    server.max_request_header_size = MAX_HEADER_BYTES
    server.max_request_body_size = MAX_BODY_BYTES
    return server


class _Gateway(Gateway_10):
    """Hands a request to the application, and ends the connection where its body was not read to the end."""

    def start_response(self, *response: Any) -> Any:
        """Begin the response; by now the view has read what it wanted."""
        write = super().start_response(*response)
        if self.req.chunked_read or self.req.rfile.remaining:  # trailers of a chunked body are never read
            self.req.leave_unread()
        return write


class _Request(HTTPRequest):
    """Reads a request; what is not even a request is refused in the shape of every other refusal (RFC 9457)."""

    def read_request_headers(self) -> bool:
        """Return whether the headers may be acted upon; a length that can be read in two ways is refused."""
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        length = self.inheaders.get(b"Content-Length")
        if length is None or (length.isdigit() and b"Transfer-Encoding" not in self.inheaders):
            return True
        self.simple_response("400 Bad Request")
        return False

    def simple_response(self, status: str, msg: str = "") -> None:
        """Answer a refusal of the server itself, with its code in place of `msg`, and end the connection."""
        self.leave_unread()
        body = _problem(int(status[:3]))
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        self.conn.wfile.write(head.encode("ascii") + body)

    def leave_unread(self) -> None:
        """End the connection after the response, without reading the rest of the request into memory."""
        self.close_connection = True
        self.conn.unread = True


class _Connection(HTTPConnection):
    """Closes in two stages where a sender may still be sending, or it would lose the answer with the connection."""

    RequestHandlerClass = _Request
    unread = False

    def close(self) -> None:
        """Close the connection."""
        if self.unread:
            self._let_it_notice()
        super().close()

    def _let_it_notice(self) -> None:
        end = time.monotonic() + LINGER_SECONDS
        try:
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(LINGER_SECONDS)
            while self.socket.recv(64 * 1024) and time.monotonic() < end:
                continue
        except OSError:
            return  # it has gone


def _problem(status: int) -> bytes:
    code, zh, en = text_of(status)
    told = {
        "type": f"/errors#{code}",
        "title": zh,
        "detail": en,
        "status": status,
        "code": code,
        "requestId": secrets.token_hex(8),
    }
    return json.dumps(told, ensure_ascii=False).encode()
