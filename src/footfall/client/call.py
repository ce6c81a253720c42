"""A call of the server as a value, and the conversation that it takes, without any I/O.

``conversation`` is a generator: it yields a ``Call`` to be sent, and is given the ``Reply`` or the error of the
transport; or it yields seconds to wait. What it returns is the answer. So the synchronous and the asynchronous client
are two short loops around the same decisions.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from footfall.client.errors import NotFound, RequestRefused, Unauthorized, Unreachable
from footfall.client.retrying import AGAIN, Retry, retry_after_of, wait_before_next

T = TypeVar("T")

Query = Sequence[tuple[str, str]]


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A request, and how its answer is read. ``path`` is quoted; ``good`` are the statuses that are answers."""

    method: str = "GET"
    path: str
    query: Query = ()
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    read: Callable[[bytes], T]
    good: frozenset[int] = frozenset({200})


class Reply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    retry_after: str | None
    content: bytes


class Failed(msgspec.Struct, frozen=True):
    """Nothing came back; the message says why."""

    message: str


class Paged(msgspec.Struct, Generic[T], frozen=True):
    """A list that goes on from page to page. ``page``: the call of a page, by its cursor (None: the first)."""

    page: Callable[[str | None], Call[tuple[list[T], str | None]]]


Step = Call[Any] | float
Conversation = Generator[Step, Reply | Failed | None, T]


class _Error(msgspec.Struct):
    code: str
    message: str
    field: str | None = None


class _Envelope(msgspec.Struct):
    error: _Error


_read_envelope = msgspec.json.Decoder(_Envelope).decode


def conversation(call: Call[T], retry: Retry, chance: Callable[[], float]) -> Conversation[T]:
    """Sends ``call``, again where that may help. Raises RequestRefused, Unreachable."""
    attempt = 0
    while True:
        attempt += 1
        reply = yield call
        assert reply is not None
        if isinstance(reply, Reply) and reply.status in call.good:
            return _answer(call, reply)
        yield wait_after(reply, attempt, retry, chance())


def wait_after(reply: Reply | Failed, attempt: int, retry: Retry, chance: float) -> float:
    """Seconds until it is tried again. Raises RequestRefused where that cannot help, Unreachable after the last try."""
    if isinstance(reply, Reply) and reply.status not in AGAIN:
        raise refusal(reply)
    retry_after = retry_after_of(reply.retry_after) if isinstance(reply, Reply) else None
    seconds = wait_before_next(retry, attempt, retry_after, chance)
    if seconds is None:
        raise _given_up(reply, attempt)
    return seconds


def refusal(reply: Reply) -> RequestRefused:
    """What the server's error tells, also where something else in between has answered."""
    try:
        error = _read_envelope(reply.content).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = _Error("unknown", "The answer is not Footfall's")
    kind = {401: Unauthorized, 404: NotFound}.get(reply.status, RequestRefused)
    return kind(reply.status, error.code, error.message, error.field)


def _answer(call: Call[T], reply: Reply) -> T:
    try:
        return call.read(reply.content)
    except msgspec.DecodeError as error:
        raise RequestRefused(reply.status, "unknown", f"The answer is not Footfall's: {error}") from error


def _given_up(reply: Reply | Failed, attempts: int) -> Unreachable:
    if isinstance(reply, Failed):
        return Unreachable(f"{reply.message}, {attempts} times")
    return Unreachable(f"{refusal(reply).message} ({reply.status}), {attempts} times", reply.status)
