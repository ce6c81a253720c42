"""The envelopes of what fails (contracts/capillary.md 1.6, 1.7, 3.5)."""

import pytest
from litestar.datastructures import Headers
from litestar.exceptions import NotFoundException
from litestar.testing import RequestFactory

from footfall.apis.capillary.errors import AuthorizationUnavailable, CapillaryError, answer
from footfall.apis.http import BodyTooLarge
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded


def told(path: str, error: Exception) -> tuple[int | None, bytes, Headers]:
    response = answer(RequestFactory().get(path), error)
    return response.status_code, response.content, Headers(response.headers)


@pytest.mark.parametrize("path", ["/v2/events/event_data", "/v2/events/event_data/17"])
def test_an_unreachable_store_is_1849_where_events_are_read(path: str) -> None:
    status, body, _ = told(path, DatabaseUnavailable("disk I/O error"))

    assert status == 500
    assert body == (
        b'{"data":[],"warnings":[],"errors":[{"status":false,"code":1849,"message":"Search system unreachable"}]}'
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/v2/events",
            b'{"warnings":[],"errors":[{"status":false,"code":4001,"message":"Authorization status unavailable!"}]}',
        ),
        (
            "/v3/users",
            b'{"data":null,"errors":[{"code":4001,"message":"Authorization status unavailable!"}],"warnings":null}',
        ),
    ],
)
def test_who_may_do_what_cannot_be_told_without_the_store(path: str, body: bytes) -> None:
    status, told_body, headers = told(path, AuthorizationUnavailable("disk I/O error"))

    assert (status, told_body) == (503, body)
    assert headers["Retry-After"] == "1"


def test_where_events_are_read_it_is_the_search_system_all_the_same() -> None:
    assert b'"code":1849' in told("/v2/events/event_data", AuthorizationUnavailable("disk I/O error"))[1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/events", b'{"warnings":[],"errors":[{"status":false,"code":503,"message":"%s"}]}'),
        ("/v3/users", b'{"data":null,"errors":[{"code":503,"message":"%s"}],"warnings":null}'),
        ("/eucrm/webhooks/1", b'{"status":{"code":503,"message":"%s"}}'),
    ],
)
def test_elsewhere_it_is_503_in_the_envelope_of_the_path(path: str, body: bytes) -> None:
    status, told_body, headers = told(path, DatabaseUnavailable("disk I/O error"))

    assert (status, told_body) == (503, body % b"The event store is unavailable")
    assert headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BodyTooLarge(10), 413),
        (Overloaded(), 429),
        (NotFoundException(), 404),
        (CapillaryError(400, 1806, "x event already exists"), 400),
        (ZeroDivisionError(), 500),
    ],
)
def test_every_failure_has_a_status_and_a_request_id(error: Exception, status: int) -> None:
    found, _, headers = told("/v2/events", error)

    assert found == status
    assert headers["X-Cap-Requestid"]
