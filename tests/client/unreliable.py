"""A way to a real server that fails as it is told to: what went through may have been stored, or not."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx

Fault = Literal["refuse", "cut", "busy", "busy after"]
"""``refuse``: closed before the server sees it. ``cut``: closed when the server has answered. ``busy``: 503 instead of
the server. ``busy after``: 503 instead of the server's answer."""


class Way:
    """``faults`` are used up, one a request; ``seen``: how many requests came. Others pass."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.faults: list[Fault] = []
        self.seen = 0
        self.retry_after = "0"
        self.url = ""


@contextmanager
def way_to(target: str) -> Iterator[Way]:
    way = Way(target)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass()

        def do_POST(self) -> None:
            self._pass()

        def log_message(self, *_: object) -> None:
            pass

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            way.seen += 1
            fault = way.faults.pop(0) if way.faults else None
            if fault == "refuse":
                return
            status, content = 503, b'{"error":{"code":"unavailable","message":"busy"}}'
            if fault != "busy":
                kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
                answer = httpx.request(self.command, way.target + self.path, content=body, headers=kept, timeout=30)
                if fault is None:
                    status, content = answer.status_code, answer.content
            if fault == "cut":
                return
            self.send_response(status)
            if status == 503:
                self.send_header("Retry-After", way.retry_after)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    way.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield way
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
