"""One request after the other over one kept connection: for walks, where a request depends on the answer before."""

import re
import socket
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from benchmarks.load import UnexpectedAnswer

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_SECONDS = 60
_PIECE = 1 << 20


class Exchange:
    """A connection to a server."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname or "127.0.0.1", address.port or 80), _SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> bytes:
        """The body of the answer to ``request``. Raises UnexpectedAnswer unless it is a success with a length."""
        self._socket.sendall(request)
        received = bytearray()
        expected = 0
        while not expected or len(received) < expected:
            piece = self._socket.recv(_PIECE)
            if not piece:
                raise UnexpectedAnswer("the server closed the connection")
            received += piece
            if not expected and (end := received.find(b"\r\n\r\n")) >= 0:
                length = _LENGTH.search(received, 0, end + 4)
                if length is None or received[9:10] != b"2":
                    raise UnexpectedAnswer(f"unexpected answer: {bytes(received[:400])!r}")
                head = end + 4
                expected = head + int(length[1])
        return bytes(received[head:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
