"""What can go wrong, as a program that uses the client sees it."""


class FootfallError(Exception):
    """Whatever the client raises of its own."""


class RequestRefused(FootfallError):  # noqa: N818
    """The server has refused the request, and would again: ``status`` and ``code`` as in its answer.

    ``field`` names what is to blame, where one field is.
    """

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(f"{message} ({status} {code})" if field is None else f"{field}: {message} ({status} {code})")
        self.status = status
        self.code = code
        self.message = message
        self.field = field


class Unauthorized(RequestRefused):
    """The token is unknown, revoked, or was not sent."""


class NotFound(RequestRefused):
    """The workspace has no such event or customer."""


class Unreachable(FootfallError):  # noqa: N818
    """No answer that counts, however often it was tried: no connection, or a server that is busy or failing.

    ``status`` of the last answer; None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class BufferFull(FootfallError):  # noqa: N818
    """The sender's buffer is full, and it was told not to wait."""
