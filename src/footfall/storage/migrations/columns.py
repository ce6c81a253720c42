"""Column types that the migrations share."""

import sqlalchemy as sa


def text() -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte on every engine, whatever the language of a server."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
