"""Words of a text as a search sees them: contracts/rapidly.md 2.3, 11.

They are those of PostgreSQL's own parser with the dictionary ``simple``, which a server uses itself: a path, an address
or a version number is one word; a hyphenated one stands both for itself and for its parts; case does not matter.
"""

import json
import re
from contextlib import suppress
from functools import lru_cache

LONGEST = 250_000
"""Characters of a text that are looked at."""

_WORD = re.compile(
    r"""
    (?P<mail>[\w.+-]+@[^\W_](?:[\w-]*)(?:\.[\w-]+)+)
    | (?P<scheme>[a-z][a-z0-9+.-]*://)
    | (?P<path>(?:~|\.{1,2})?(?:/[\w.~-]+)+(?:\?[^\s"'<>\\]*)?)
    | (?P<below>[^\W_][\w.-]*(?:/[\w.~-]+)+(?:\?[^\s"'<>\\]*)?)
    | (?P<dotted>[^\W_][\w-]*(?:\.[^\W_][\w-]*)+)
    | (?P<hyphened>(?=[\d-]*[^\W\d_])[^\W_]+(?:-[^\W_]+)+)
    | (?P<number>-\d+)
    | (?P<plain>[^\W_]+)
    """,
    re.VERBOSE,
)


def words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    found: set[str] = set()
    for match in _WORD.finditer(text[:LONGEST].casefold()):
        kind, word = match.lastgroup, match[0]
        if kind == "scheme":
            continue
        found.add(word)
        if kind == "hyphened":
            found.update(word.split("-"))
        elif kind == "below":
            host, slash, rest = word.partition("/")
            if "." in host:
                found.update((host, slash + rest))
    return frozenset(found)


_asked = lru_cache(maxsize=256)(words)
_REMEMBERED_LENGTH = 100
_words_of_short = lru_cache(maxsize=4096)(words)


def has_words(document: str, text: str) -> bool:
    """Whether a JSON text has all words of ``text``, and that has any; escapes count as what they stand for."""
    asked = _asked(text)
    if not asked:
        return False
    if "\\" in document:
        with suppress(ValueError, RecursionError):
            document = json.dumps(json.loads(document), ensure_ascii=False)
    # No word has a quotation mark in it, so each is within one of the pieces between them; and pieces recur.
    pieces = document[:LONGEST].casefold().split('"')
    return all(any(word in piece and word in _words_of(piece) for piece in pieces) for word in asked)


def _words_of(piece: str) -> frozenset[str]:
    return _words_of_short(piece) if len(piece) <= _REMEMBERED_LENGTH else words(piece)
