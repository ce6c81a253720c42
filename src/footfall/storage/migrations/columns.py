"""Column types that the migrations share."""

import sqlalchemy as sa


def text() -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte on every engine, whatever the language of a server."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def long_key(column: str, *, embedded: bool) -> str | sa.TextClause:
    """``column`` in an index: a server's indexes hold some 2,700 bytes of a key, fewer than texts may have."""
    return column if embedded else sa.text(f"md5({column})")
