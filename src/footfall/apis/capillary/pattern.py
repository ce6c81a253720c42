r"""Patterns of attributes (``regex`` in a definition), matched in time proportional to the value's length.

Definitions are written by a workspace's users and matched inside the server, where a backtracking matcher could be
kept busy for ever by one unlucky pattern. So a pattern becomes an automaton whose states advance together. What
that cannot do (references back, looking around) is refused when the definition is made.

Understood: literals, ``.``, ``[...]``, ``\d \w \s`` and their negations, groups, ``|``, ``* + ? {m,n}`` (also lazy,
which is the same for a whole match), ``^`` and ``$`` at the ends.
"""

from collections.abc import Callable
from functools import lru_cache

Test = Callable[[str], bool]

_MOST_STATES = 2_000
_MOST_DEPTH = 50
_CLASSES: dict[str, Test] = {
    "d": lambda c: "0" <= c <= "9",
    "w": lambda c: c == "_" or (c.isascii() and c.isalnum()),
    "s": lambda c: c in " \t\n\v\f\r",
}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_SPECIAL = frozenset("*+?{}|()[]^$")


class InvalidPattern(ValueError):  # noqa: N818
    """The pattern is malformed, too large, or beyond what an automaton can do."""


class Pattern:
    """A compiled pattern: states that test a character, and states that only lead on."""

    def __init__(self, text: str) -> None:
        """Raises InvalidPattern."""
        self._tests: list[Test | None] = []
        self._next: list[list[int]] = []
        parser = _Parser(text, self)
        self._start, self._end = parser.whole()

    def matches(self, value: str) -> bool:
        """Whether the whole of ``value`` matches."""
        current = self._closed({self._start})
        for character in value:
            reached = {
                follower
                for state in current
                if (test := self._tests[state]) is not None and test(character)
                for follower in self._next[state]
            }
            if not reached:
                return False
            current = self._closed(reached)
        return self._end in current

    def state(self, test: Test | None = None) -> int:
        """A new state."""
        if len(self._tests) >= _MOST_STATES:
            raise InvalidPattern("the pattern is too large")
        self._tests.append(test)
        self._next.append([])
        return len(self._tests) - 1

    def lead(self, source: int, target: int) -> None:
        """Lets ``source`` be followed by ``target``."""
        self._next[source].append(target)

    def _closed(self, states: set[int]) -> set[int]:
        waiting = list(states)
        seen = set(states)
        while waiting:
            state = waiting.pop()
            if self._tests[state] is None:
                fresh = [follower for follower in self._next[state] if follower not in seen]
                seen.update(fresh)
                waiting.extend(fresh)
        return seen


@lru_cache(maxsize=256)
def compiled(text: str) -> Pattern:
    """The pattern, compiled once. Raises InvalidPattern."""
    return Pattern(text)


Piece = tuple[int, int]  # first and last state


class _Parser:
    def __init__(self, text: str, pattern: Pattern) -> None:
        self._text = text
        self._at = 0
        self._pattern = pattern
        self._depth = 0

    def whole(self) -> Piece:
        self._accept("^")
        piece = self._alternatives()
        if self._at < len(self._text):
            raise InvalidPattern(f"unexpected {self._text[self._at]!r} at {self._at}")
        return piece

    def _alternatives(self) -> Piece:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise InvalidPattern("groups are nested too deeply")
        first, last = self._pattern.state(), self._pattern.state()
        while True:
            start, end = self._sequence()
            self._pattern.lead(first, start)
            self._pattern.lead(end, last)
            if not self._accept("|"):
                self._depth -= 1
                return first, last

    def _sequence(self) -> Piece:
        first = last = self._pattern.state()
        while (character := self._peek()) and character not in "|)":
            if character == "$" and self._at == len(self._text) - 1:
                self._at += 1
                break
            start, end = self._repeated()
            self._pattern.lead(last, start)
            last = end
        return first, last

    def _repeated(self) -> Piece:
        began = self._at
        piece = self._atom()
        ended = self._at
        bounds = self._bounds()
        if bounds is None:
            return piece
        if self._accept("?") and self._peek() and self._peek() in "*+?{":
            raise InvalidPattern(f"nothing to repeat at {self._at}")
        after = self._at
        fewest, most = bounds

        def again() -> Piece:
            self._at = began
            copy = self._atom()
            assert self._at == ended
            return copy

        result = self._copies(piece, again, fewest, most)
        self._at = after
        return result

    def _copies(self, piece: Piece, again: Callable[[], Piece], fewest: int, most: int | None) -> Piece:
        first, last = self._pattern.state(), self._pattern.state()
        lead = self._pattern.lead
        if most == 0:
            lead(first, last)
            return first, last
        current = first
        count = fewest if most is None else most
        for index in range(max(count, 1)):
            if index >= fewest:
                lead(current, last)
            start, end = piece if index == 0 else again()
            lead(current, start)
            if most is None and index == max(count, 1) - 1:
                lead(end, start)
            current = end
        lead(current, last)
        return first, last

    def _bounds(self) -> tuple[int, int | None] | None:
        if self._accept("*"):
            return 0, None
        if self._accept("+"):
            return 1, None
        if self._accept("?"):
            return 0, 1
        if not self._accept("{"):
            return None
        inside, closed, _ = self._text[self._at :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not _is_count(low) or (high and not _is_count(high)):
            raise InvalidPattern(f"malformed repetition at {self._at}")
        self._at += len(inside) + 1
        fewest = int(low)
        most = int(high) if high else None if comma else fewest
        if most is not None and most < fewest:
            raise InvalidPattern(f"malformed repetition at {self._at}")
        return fewest, most

    def _atom(self) -> Piece:
        character = self._take()
        if character == "(":
            if self._accept("?") and not self._accept(":"):
                raise InvalidPattern("only plain groups and (?:...) are understood")
            piece = self._alternatives()
            if not self._accept(")"):
                raise InvalidPattern("a group is not closed")
            return piece
        if character == "[":
            return self._single(self._set())
        if character == ".":
            return self._single(lambda c: c not in "\n\r")
        if character == "\\":
            return self._single(self._escape())
        if character in _SPECIAL:
            raise InvalidPattern(f"unexpected {character!r} at {self._at - 1}")
        return self._single(_is(character))

    def _single(self, test: Test) -> Piece:
        state = self._pattern.state(test)
        end = self._pattern.state()
        self._pattern.lead(state, end)
        return state, end

    def _set(self) -> Test:
        negated = self._accept("^")
        tests: list[Test] = []
        while True:
            character = self._take()
            if character == "]" and tests:
                break
            if character == "[" or (character == "&" and self._peek() == "&"):
                raise InvalidPattern("sets inside sets are not understood")
            if character == "\\" and self._peek().lower() in _CLASSES:
                tests.append(self._escape())
                continue
            low = self._literal() if character == "\\" else character
            tests.append(self._range(low))
        return lambda c: any(test(c) for test in tests) is not negated

    def _range(self, low: str) -> Test:
        following = self._text[self._at : self._at + 2]
        if len(following) < 2 or following[0] != "-" or following[1] == "]":
            return _is(low)
        self._at += 1
        character = self._take()
        high = self._literal() if character == "\\" else character
        if high < low:
            raise InvalidPattern(f"malformed range at {self._at}")
        return lambda c: low <= c <= high

    def _escape(self) -> Test:
        character = self._peek()
        if character.lower() in _CLASSES and character:
            self._at += 1
            test = _CLASSES[character.lower()]
            return test if character.islower() else lambda c: not test(c)
        return _is(self._literal())

    def _literal(self) -> str:
        character = self._take()
        if character in _ESCAPED:
            return _ESCAPED[character]
        if character.isalnum():
            raise InvalidPattern(f"\\{character} is not understood")
        return character

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise InvalidPattern("the pattern ends too early")
        self._at += 1
        return character

    def _accept(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True


def _is(character: str) -> Test:
    return lambda c: c == character


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4
