"""The envelope around failures that every product shares (contracts/clevertap.md 1.4)."""

from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from footfall.apis.clevertap.errors import answer
from footfall.apis.http import AnyRequest
from footfall.settings import Settings
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded


def a_request() -> AnyRequest:
    """As much of a request as an answer looks at."""
    services = SimpleNamespace(settings=Settings())
    app = SimpleNamespace(state={"services": services})
    return cast("AnyRequest", SimpleNamespace(scope={"litestar_app": app}))


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Overloaded(), 429, "Too many concurrent requests"),
        (DatabaseUnavailable("disk full at /secret/path"), 503, "The event store is unavailable"),
    ],
)
def test_a_transient_failure_says_when_to_come_back(error: Exception, status: int, text: str) -> None:
    response = answer(a_request(), error)

    assert response.status_code == status
    assert int(response.headers["Retry-After"]) >= 1
    assert msgspec.json.decode(response.content) == {"status": "fail", "error": text, "code": status}


def test_what_nobody_foresaw_gives_nothing_away() -> None:
    response = answer(a_request(), KeyError("passcode"))

    assert response.status_code == 500
    assert b"passcode" not in response.content
