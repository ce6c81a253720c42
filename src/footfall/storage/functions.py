"""SQL functions that every engine has, under names or in forms of its own."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType


def casefold(text: ColumnElement[Any]) -> ColumnElement[str]:
    """``text`` for comparisons that do not see case, as ``str.casefold`` makes it."""
    return _Folded(text)


class _Folded(FunctionElement[str]):
    """A text case-folded."""

    inherit_cache = True
    type = sa.Text()


class _Condition(FunctionElement[bool]):
    """What holds or does not."""

    inherit_cache = True
    type = sa.Boolean()

    def self_group(self, against: OperatorType | None = None) -> Any:
        """As it is: the ``= 1`` that SQLite's conditions are given otherwise would keep this one from any index."""
        return super().self_group(against) if against is operators.inv else self


class _IsLongText(_Condition):
    """Whether a text that may be too long for an index is another one, or one of a list."""


class _Members(FunctionElement[Any]):
    """The members of a JSON object."""

    inherit_cache = True
    name = "members"


class _ItemMembers(FunctionElement[Any]):
    """The members of the objects in an array that is a member of a JSON object."""

    inherit_cache = True
    name = "item_members"


class _Number(FunctionElement[Any]):
    """A JSON number as a number."""

    inherit_cache = True
    type = sa.Numeric()


class _ContainsAny(_Condition):
    """Whether a text has one of a list of texts in it."""


class _MemberText(FunctionElement[str]):
    """A member's value as text."""

    inherit_cache = True
    type = sa.Text()


class _Contains(_Condition):
    """Whether a text has another one in it."""


class _MayHave(_Condition):
    """Whether a JSON text may have a text among what it spells: false only where it surely has not."""


class _MayHaveWord(_Condition):
    """Likewise for a word in ASCII, case aside."""


class _JsonHasWords(_Condition):
    """Whether a JSON text has all words of another text."""


class _HasWords(_Condition):
    """Whether all of a list of words are among those of a text."""


class _Hex(FunctionElement[str]):
    """Bytes as lower-case hexadecimal digits."""

    inherit_cache = True
    type = sa.Text()


def is_text(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether ``column``, indexed as a text of any length, is the text ``parameter``.

    A server's indexes hold some 2,700 bytes of a key: there it is the text's hash that is indexed.
    """
    return _IsLongText(column, sa.bindparam(parameter, type_=sa.Text))


def is_same_long_text(column: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    """As ``is_text``, of two columns."""
    return _IsLongText(column, other)


def is_among_texts(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """As ``is_text``, for a list of texts."""
    return _IsLongText(column, sa.bindparam(parameter, type_=sa.ARRAY(sa.Text())))


def members(document: ColumnElement[Any], name: str) -> Any:
    """The members of a JSON object as rows ``key``, ``value`` and ``type``; ``name`` is the alias of the rows.

    Keys have their escapes resolved; a key that stands twice gives two rows. ``value``: a text as it reads, a number
    for ``number``, NULL for ``null``, what else there is as JSON. ``type``: integer, real, text, true, false, null,
    array or object.
    """
    return _Members(document).table_valued("key", "value", "type", name=name)


def member_text(document: ColumnElement[Any], member: Any) -> ColumnElement[str]:
    """The value of one of the ``members`` of ``document`` as text: a number as it is written, and NULL for null."""
    return _MemberText(document, member.c.value, member.c.type, member.c.key)


def contains(text: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether the text ``parameter`` occurs in ``text``."""
    return _Contains(text, sa.bindparam(parameter, type_=sa.Text))


def may_have(document: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """False only where the JSON text surely has no key and no value that reads as ``parameter``: quick to tell."""
    return _MayHave(document, sa.bindparam(parameter, type_=sa.Text))


def may_have_word(document: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """False only where the JSON text surely has not the word ``parameter``, in small letters of ASCII, or empty."""
    return _MayHaveWord(document, sa.bindparam(parameter, type_=sa.Text))


def json_has_words(document: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether a JSON text has all the words of the text ``parameter``, and that has any: see ``model.words``."""
    return _JsonHasWords(document, sa.bindparam(parameter, type_=sa.Text))


def item_members(document: ColumnElement[Any], key: str, name: str) -> Any:
    """The members, as rows like those of ``members``, of every object in the array (or object) under ``key``."""
    path = sa.literal_column(f"'{key}'", sa.Text)
    return _ItemMembers(document, path).table_valued("key", "value", "type", name=name)


def number(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A ``value`` of ``members`` as a number, where its type ``is_number_kind``."""
    return _Number(value)


def is_number_kind(kind: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether this ``type`` of ``members`` is that of a number."""
    return sa.or_(kind == sa.literal_column("'integer'", sa.Text), kind == sa.literal_column("'real'", sa.Text))


def contains_any(text: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether one of the texts in the list ``parameter`` occurs in ``text``."""
    return _ContainsAny(text, sa.bindparam(parameter, type_=sa.ARRAY(sa.Text())))


def folded_key(key: ColumnElement[Any]) -> ColumnElement[str]:
    """What the index of sent event keys holds of ``key``: its lower case where it is ASCII, else one entry for all."""
    return _FoldedKey(key)


class _FoldedKey(FunctionElement[str]):
    """A sent event key as its index has it: see migration v0009."""

    inherit_cache = True
    type = sa.Text()


def has_word(text: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether ``text`` answers the pattern in ``parameter``, of ``LIKE`` and ASCII, in whatever case of letters."""
    return _HasWord(text, sa.bindparam(parameter, type_=sa.Text))


def is_unusual(text: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether ``text`` has a backslash or a character beyond ASCII."""
    return _IsUnusual(text)


class _HasWord(_Condition):
    """Whether a text answers a pattern, letter case aside."""


class _IsUnusual(_Condition):
    """Whether a text has a backslash or a character beyond ASCII."""


def json_at(document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[Any]:
    """What stands in ``document`` under plain names, one inside the other: a text as it reads, else as JSON."""
    return _JsonAt(document, _constant('$."' + '"."'.join(path) + '"'), _constant("{" + ",".join(path) + "}"))


def _constant(text: str) -> ColumnElement[str]:
    assert "'" not in text
    return sa.literal_column(f"'{text}'", sa.Text)


class _JsonAt(FunctionElement[str]):
    """A member of a JSON object inside others."""

    inherit_cache = True
    type = sa.Text()


def has_words(text: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether each of the (folded) words in the list ``parameter`` is among ``model.text.words`` of ``text``."""
    return _HasWords(text, sa.bindparam(parameter, type_=sa.ARRAY(sa.Text())))


def hex_of(identifier: ColumnElement[Any]) -> ColumnElement[str]:
    """The bytes of ``identifier`` as lower-case hexadecimal digits."""
    return _Hex(identifier)


class _AsJson(FunctionElement[str]):
    """All rows of a statement as one JSON array of arrays."""

    inherit_cache = True
    type = sa.Text()


def as_json(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """All rows of a statement as one JSON array of arrays, made by the engine; NULL or empty without rows.

    An embedded engine gives up the interpreter's lock for each row it hands over: thousands are one text instead.
    Integers, texts and booleans, which may be 0 and 1.
    """
    return _AsJson(*columns)


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(argument, **options) for argument in element.clauses]


@compiles(_IsLongText, "sqlite")
def _is_long_text_sqlite(element: _IsLongText, compiler: SQLCompiler, **options: Any) -> str:
    column, given = _arguments(element, compiler, **options)
    if _is_list(element):
        return f"{column} IN (SELECT value FROM json_each({given}))"
    return f"{column} = {given}"


@compiles(_IsLongText, "postgresql")
def _is_long_text_postgresql(element: _IsLongText, compiler: SQLCompiler, **options: Any) -> str:
    column, given = _arguments(element, compiler, **options)
    if _is_list(element):
        # One array, made once, bounds an index range under any plan; a subquery would be joined with a whole table.
        return f"md5({column}) = ANY (ARRAY(SELECT md5(given) FROM unnest({given}) AS given))"
    return f"md5({column}) = md5({given})"


def _is_list(element: _IsLongText) -> bool:
    return isinstance(list(element.clauses)[1].type, sa.ARRAY)


def _spelt(element: type[FunctionElement[Any]], **templates: str) -> None:
    """Says how each engine writes ``element``, with its arguments in place of ``{0}``, ``{1}``."""
    for engine, template in templates.items():

        def write(
            element: FunctionElement[Any], compiler: SQLCompiler, template: str = template, **options: Any
        ) -> str:
            return template.format(*_arguments(element, compiler, **options))

        compiles(element, engine)(write)


_spelt(
    _Folded,
    # Folding is Python's, and calling it costs more than looking: plain ASCII, nearly all there is, is not sent there.
    sqlite="CASE WHEN length(CAST({0} AS BLOB)) = length({0}) THEN lower({0}) ELSE footfall_casefold({0}) END",
    postgresql="footfall_casefold({0})",
)
_spelt(_Members, sqlite="json_each({0})", postgresql="footfall_members({0})")
_spelt(
    _ItemMembers,
    # What is not JSON has no members, and an item may be a bare text.
    sqlite="(SELECT own.key, own.value, own.type FROM json_each({0}, '$.' || {1}) AS item,"
    " json_each(CASE item.type WHEN 'object' THEN item.value ELSE '{{}}' END) AS own)",
    postgresql="footfall_item_members({0}, {1})",
)
_spelt(_Number, sqlite="{0}", postgresql="footfall_number({0})")
_spelt(
    _ContainsAny,
    sqlite="EXISTS (SELECT 1 FROM json_each({1}) AS part WHERE instr({0}, part.value) > 0)",
    postgresql="footfall_contains_any({0}, {1})",
)
_spelt(
    _FoldedKey,
    sqlite="CASE WHEN {0} GLOB '*[^' || char(1) || '-' || char(127) || ']*' THEN '' ELSE lower({0}) END",
    postgresql="md5(CASE WHEN octet_length({0}) > length({0}) THEN '' ELSE lower({0}) END)",
)
_spelt(_HasWord, sqlite="{0} LIKE {1}", postgresql="{0} ILIKE {1}")
_spelt(
    _IsUnusual,
    sqlite="(instr({0}, '\\') > 0 OR length(CAST({0} AS BLOB)) <> length({0}))",
    postgresql="(octet_length({0}) > length({0}) OR strpos({0}, E'\\\\') > 0)",
)
_spelt(_JsonAt, sqlite="CAST(json_extract({0}, {1}) AS TEXT)", postgresql="({0}::json #>> {2})")
_spelt(
    _MemberText,
    # SQLite's own value of a number may be spelt otherwise; true and false are 1 and 0 there.
    sqlite="CASE {2} WHEN 'text' THEN {1} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN NULL"
    " ELSE footfall_member({0}, {3}) END",
    postgresql="{1}",
)
_spelt(_Contains, sqlite="(instr({0}, {1}) > 0)", postgresql="(strpos({0}, {1}) > 0)")
# What is escaped is spelt otherwise, and letters beyond ASCII may fold into such as are within.
_spelt(
    _MayHave,
    sqlite="(instr({0}, {1}) > 0 OR instr({0}, '\\') > 0)",
    postgresql="(strpos({0}, {1}) > 0 OR strpos({0}, '\\') > 0)",
)
_spelt(
    _MayHaveWord,
    # A pattern that matches too much does no harm, and is quicker than a copy in small letters.
    sqlite="({0} LIKE '%' || {1} || '%' OR instr({0}, '\\') > 0 OR length(CAST({0} AS BLOB)) <> length({0}))",
    postgresql="(strpos(lower({0} COLLATE \"C\"), {1}) > 0 OR strpos({0}, '\\') > 0"
    " OR octet_length({0}) <> char_length({0}))",
)
_spelt(_JsonHasWords, sqlite="footfall_json_has_words({0}, {1})", postgresql="footfall_json_has_words({0}, {1})")
_spelt(
    _HasWords,
    sqlite="NOT EXISTS (SELECT 1 FROM json_each({1}) AS word"
    " WHERE coalesce(instr(footfall_words({0}), ' ' || word.value || ' '), 0) = 0)",
    postgresql="footfall_has_words({0}, {1})",
)
_spelt(_Hex, sqlite="lower(hex({0}))", postgresql="encode({0}, 'hex')")


@compiles(_AsJson, "sqlite")
def _as_json_sqlite(element: _AsJson, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array(json_array({', '.join(_arguments(element, compiler, **options))}))"


@compiles(_AsJson, "postgresql")
def _as_json_postgresql(element: _AsJson, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_agg(json_build_array({', '.join(_arguments(element, compiler, **options))}))::text"
