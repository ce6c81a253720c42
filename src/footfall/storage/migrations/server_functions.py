"""Functions that the statements need on a server, as they were made in migration v0001."""

import sys

_SURROGATES = range(0xD800, 0xE000)


def every() -> list[str]:
    """The SQL that creates each function."""
    return [_casefold(), _UNESCAPED, _TYPE, _TEXT, _MEMBERS, _ITEM_MEMBERS, _NUMBER, _CONTAINS_ANY, _NEXT_SEQUENCES]


# The lock's key: 8 bits that say what it is, 16 of the workspace, 40 of the highest sequence drawn before. Whoever
# reads pg_locks knows by it below which sequence events may still appear. It is taken before anything is drawn.
_NEXT_SEQUENCES = """
CREATE FUNCTION footfall_next_sequences(workspace integer, how_many integer) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(
        (70::bigint << 56) | ((workspace & 65535)::bigint << 40)
        | (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_sequence)
    );
    RETURN ARRAY(SELECT nextval('events_sequence') FROM generate_series(1, how_many));
END
$$
"""

# The server's JSON texts cannot hold U+0000; no text that is asked for holds one either.
_UNESCAPED = r"""
CREATE FUNCTION footfall_readable(document text) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN position('\u0000' IN document) = 0 THEN document
        ELSE regexp_replace(document, '(?<!\\)((\\\\)*)\\u0000', '\1\\ufdd0', 'g') END::json
$$
"""

_MEMBERS = """
CREATE FUNCTION footfall_members(document text) RETURNS TABLE (key text, value text, type text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10 AS $$
BEGIN
    RETURN QUERY SELECT member.key, footfall_text(member.value), footfall_type(member.value)
    FROM json_each(footfall_readable(document)) AS member;
END
$$
"""

_ITEM_MEMBERS = """
CREATE FUNCTION footfall_item_members(document text, name text) RETURNS TABLE (key text, value text, type text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10 AS $$
BEGIN
    RETURN QUERY SELECT own.key, footfall_text(own.value), footfall_type(own.value)
    FROM json_each(footfall_readable(document)) AS member, LATERAL (
        SELECT listed.value AS item
        FROM json_array_elements(CASE json_typeof(member.value) WHEN 'array' THEN member.value ELSE '[]' END) AS listed
        UNION ALL SELECT named.value
        FROM json_each(CASE json_typeof(member.value) WHEN 'object' THEN member.value ELSE '{}' END) AS named
    ) AS item, json_each(CASE json_typeof(item.item) WHEN 'object' THEN item.item ELSE '{}' END) AS own
    WHERE member.key = name;
END
$$
"""

_TYPE = """
CREATE FUNCTION footfall_type(value json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE json_typeof(value) WHEN 'string' THEN 'text' WHEN 'number' THEN 'real' WHEN 'boolean' THEN value::text
        ELSE json_typeof(value) END
$$
"""

_TEXT = """
CREATE FUNCTION footfall_text(value json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE json_typeof(value) WHEN 'string' THEN value #>> '{}' WHEN 'null' THEN NULL ELSE value::text END
$$
"""

_NUMBER = r"""
CREATE FUNCTION footfall_number(value text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value ~ '^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$' THEN value::numeric END
$$
"""

# A function, because a cluster refuses a subquery about the rows of ``footfall_members``.
_CONTAINS_ANY = """
CREATE FUNCTION footfall_contains_any(value text, parts text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY parts LOOP
        IF strpos(value, part) > 0 THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$
"""


def _casefold() -> str:
    """``str.casefold`` as SQL: one character for one, then those that become several."""
    single: dict[str, str] = {}
    several: dict[str, str] = {}
    for code in range(0x80, sys.maxunicode + 1):
        if code in _SURROGATES:
            continue
        folded = chr(code).casefold()
        if folded != chr(code):
            (single if len(folded) == 1 else several)[chr(code)] = folded
    replaced = "\n".join(
        f"        folded := replace(folded, '{character}', '{folded}');" for character, folded in several.items()
    )
    return f"""
CREATE FUNCTION footfall_casefold(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    folded text := lower(value COLLATE "C");
BEGIN
    IF octet_length(folded) = char_length(folded) THEN
        RETURN folded;
    END IF;
    folded := translate(folded, '{"".join(single)}', '{"".join(single.values())}');
    IF folded ~ '[{"".join(several)}]' THEN
{replaced}
    END IF;
    RETURN folded;
END
$$
"""
