"""A body cut into its events while it arrives, in constant memory.

The promise: whatever the chunks the body comes in, the same elements come out, each as soon as its last byte is
there, and never more than one element (and never more than ``limit`` bytes of it) is held. Nothing is decoded
here: an array's elements are found by counting brackets outside strings, so a malformed element between two
commas spoils only itself.
"""

import re
from collections.abc import Generator, Iterator
from typing import Protocol

import msgspec

_WHITESPACE = re.compile(rb"[ \t\n\r]*+")
# No possessive groups here: before Python 3.11.5 they may end too early (only single classes are sound).
_NESTED = re.compile(rb"""[^\[\]{}"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^\[\]{}"]*+)*""", re.DOTALL)
"""Inside an element that is an object or array: everything up to the next bracket or unfinished string."""
_FLAT = re.compile(rb"""[^\[\]{},"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^\[\]{},"]*+)*""", re.DOTALL)
"""Between elements: likewise, and up to the next comma."""
_IN_STRING = re.compile(rb"""[^"\\]*+(?:\\.[^"\\]*+)*""", re.DOTALL)


def _bracketed(levels: int) -> bytes:
    """An object or array with at most so many levels of further ones inside, brackets counted but not compared."""
    string = rb'''"[^"\\]*+(?:\\.[^"\\]*+)*"'''
    inner = string if levels == 0 else b"(?:" + string + b"|" + _bracketed(levels - 1) + b")"
    plain = rb"""[^\[\]{}"]*+"""
    return rb"[\[{]" + plain + b"(?:" + inner + plain + rb")*[\]}]"


_WHOLE = re.compile(rb"[ \t\n\r]*+(" + _bracketed(2) + rb")[ \t\n\r]*+,", re.DOTALL)
"""A whole element as events are, and the comma after it: what most bodies consist of, found in one step."""

_QUOTE, _BACKSLASH, _COMMA = b'"'[0], b"\\"[0], b","[0]
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_END_OF_ARRAY = b"]"[0]


class Element(msgspec.Struct, frozen=True, gc=False):
    """One event's bytes and where it stands: its line, or its place in the array, from 1.

    ``fault`` says why there is nothing to decode.
    """

    line: int
    content: bytes
    fault: str | None = None


class Splitter(Protocol):
    """Cuts a body into elements."""

    def feed(self, chunk: bytes) -> Iterator[Element]:
        """The elements that ``chunk`` completes."""

    def finish(self, *, complete: bool = True) -> Iterator[Element]:
        """What is left at the end of the body; ``complete`` is false where the body was cut off."""


class LineSplitter:
    """NDJSON: one event a line; blank lines are counted and passed over."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line = 1
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Element]:
        """The lines that ``chunk`` completes."""
        pieces = chunk.split(b"\n")
        for piece in pieces[:-1]:
            self._keep(piece)
            yield from self._cut()
        self._keep(pieces[-1])

    def finish(self, *, complete: bool = True) -> Iterator[Element]:
        """The last line, which needs no line end. Where the body was cut off, it is not whole: dropped."""
        if complete:
            yield from self._cut()

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._limit:
            self._parts.append(piece)
        else:
            self._parts.clear()

    def _cut(self) -> Iterator[Element]:
        line, size, content = self._line, self._size, b"".join(self._parts)
        self._line, self._size = line + 1, 0
        self._parts.clear()
        if size > self._limit:
            yield Element(line, b"", _too_large(self._limit))
        elif content.strip():
            yield Element(line, content)


class ArraySplitter:
    """One JSON array of events."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line = 1
        self._parts: list[bytes] = []
        self._size = 0
        self._depth = 0  # 0: before or after the array; 1: between its elements' own brackets
        self._in_string = False
        self._escaped = False  # the last chunk ended in a backslash inside a string
        self._opened = False
        self._broken = False
        self._passed = 0  # bytes of the chunks before this one
        self._began = 0  # where the element at hand begins

    def feed(self, chunk: bytes) -> Iterator[Element]:
        """The elements that ``chunk`` completes; after a fault of the array itself, nothing more."""
        position, start, end = 0, 0, len(chunk)
        while position < end and not self._broken:
            if self._depth == 0:
                position = start = yield from self._outside(chunk, position)
                continue
            if self._in_string:
                position = self._through_string(chunk, position)
                continue
            if self._depth == 1 and position == start and not self._size:
                position = start = yield from self._whole(chunk, position)
            matched = (_FLAT if self._depth == 1 else _NESTED).match(chunk, position)
            assert matched is not None
            position = matched.end()
            if position == end:
                break
            byte = chunk[position]
            position += 1
            if byte == _QUOTE:
                self._in_string = True
            elif byte in _OPENING:
                self._depth += 1
            elif byte in _CLOSING and self._depth > 1:
                self._depth -= 1
            else:
                self._keep(chunk[start : position - 1])
                yield from self._cut(byte, self._passed + position)
                start = position
        if self._depth and not self._broken:
            self._keep(chunk[start:])
        self._passed += end

    def finish(self, *, complete: bool = True) -> Iterator[Element]:
        """A fault, when the array is not closed."""
        if self._broken or not complete or (self._opened and self._depth == 0):
            return
        self._broken = True
        yield Element(
            self._line, b"", f"The array is not closed: the element that begins at byte {self._began} is not complete"
        )

    def _outside(self, chunk: bytes, position: int) -> Generator[Element, None, int]:
        """Before the array or after it, where only whitespace may stand; returns the position behind it."""
        matched = _WHITESPACE.match(chunk, position)
        assert matched is not None
        position = matched.end()
        if position == len(chunk):
            return position
        if self._opened or chunk[position : position + 1] != b"[":
            self._broken = True
            where = "after the array's end" if self._opened else "where the array should begin"
            yield Element(self._line, b"", f"Unexpected data {where}, at byte {self._passed + position}")
            return position
        self._opened = True
        self._depth = 1
        self._began = self._passed + position + 1
        return position + 1

    def _through_string(self, chunk: bytes, position: int) -> int:
        """The position behind the string, or the chunk's end with the state to go on from."""
        if self._escaped:
            self._escaped = False
            position += 1
        matched = _IN_STRING.match(chunk, position)
        assert matched is not None
        position = matched.end()
        if position == len(chunk):
            return position
        if chunk[position] == _QUOTE:
            self._in_string = False
        else:
            assert chunk[position] == _BACKSLASH
            self._escaped = True
        return position + 1

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._limit:
            self._parts.append(piece)
        else:
            self._parts.clear()

    def _whole(self, chunk: bytes, position: int) -> Generator[Element, None, int]:
        """Those elements that are found in one step; returns the position behind them."""
        while matched := _WHOLE.match(chunk, position):
            size, position = matched.end() - position - 1, matched.end()
            yield self._next(matched[1], size, self._passed + position)
        return position

    def _next(self, content: bytes, size: int, position: int) -> Element:
        """An element of ``size`` bytes with the blanks around it; the one after it begins at ``position``."""
        line = self._line
        self._line, self._began = line + 1, position
        return Element(line, content) if size <= self._limit else Element(line, b"", _too_large(self._limit))

    def _cut(self, byte: int, position: int) -> Iterator[Element]:
        """The element that ``byte``, a comma or the array's end, closes."""
        line, size, content, began = self._line, self._size, b"".join(self._parts).strip(b" \t\n\r"), self._began
        self._parts.clear()
        self._size = 0
        if byte not in (_COMMA, _END_OF_ARRAY):
            self._broken = True
            yield Element(line, b"", f"Unexpected {chr(byte)} in the array, at byte {position - 1}")
            return
        if byte == _END_OF_ARRAY:
            self._depth = 0
            if line == 1 and not content and size <= self._limit:
                return  # an empty array
        if content or size > self._limit:
            yield self._next(content, size, position)
        else:
            self._line, self._began = line + 1, position
            yield Element(line, b"", f"There is no event between the commas at byte {began}")


def _too_large(limit: int) -> str:
    return f"The event is larger than {limit} bytes"
