"""What an engine is like, for whoever looks after it."""

import msgspec


class EngineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """``schema``: the version that the database has, None where there is none yet. ``cluster``: of Citus, if it has it.

    ``version``: of the engine, such as ``PostgreSQL 17.2``; ``is_supported``: whether Footfall works with it.
    """

    version: str
    is_supported: bool
    schema: str | None
    cluster: str | None = None
