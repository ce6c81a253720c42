"""What can go wrong with a database, whichever engine it is."""


class DatabaseUnavailable(Exception):  # noqa: N818  (a state of the world, not a mistake of the caller's)
    """The store cannot be reached, is locked or is full; the request may be tried again."""


class FateUnknown(DatabaseUnavailable):
    """The store was lost while it committed, and cannot be asked whether it did."""


class UnsupportedDatabase(ValueError):  # noqa: N818
    """The URL names no engine that Footfall knows, or a database that it cannot use."""


class Conflict(Exception):  # noqa: N818
    """Another writer was faster: nothing was written, and the same work has to be done again on what it left."""


class TooLong(Exception):  # noqa: N818  (no fault of the question's)
    """A read took more steps than it was given, and was ended."""
