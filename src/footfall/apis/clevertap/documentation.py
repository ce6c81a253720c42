"""What the OpenAPI pages say of this product's parameters and bodies.

They are read by hand, so that a wrong one is told in CleverTap's words; here they are only described.
"""

from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, Parameter, RequestBody, Schema

from footfall.apis.clevertap.auth import ACCOUNT_HEADER, PASSCODE_HEADER


def _header(name: str, description: str) -> Parameter:
    return Parameter(
        name=name, param_in="header", required=True, description=description, schema=Schema(type=OpenAPIType.STRING)
    )


def _query(name: str, kind: OpenAPIType, description: str) -> Parameter:
    return Parameter(name=name, param_in="query", description=description, schema=Schema(type=kind))


def _body(description: str, example: object) -> RequestBody:
    media = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT), examples={"example": Example(value=example)})
    return RequestBody(description=description, content={"application/json": media})


_CREDENTIALS = [
    _header(ACCOUNT_HEADER, "The account's id"),
    _header(PASSCODE_HEADER, "A passcode of the account"),
]
_CURSOR = _query("cursor", OpenAPIType.STRING, "The page to read; wins over everything else in the request")
_OPENING = [
    _query("batch_size", OpenAPIType.INTEGER, "Records per page: 1 to 5000, more is cut to 5000; default 5000"),
    _query("app", OpenAPIType.BOOLEAN, "Show app fields in the profile; default false"),
    _query("profile", OpenAPIType.BOOLEAN, "Show profileData, the custom profile fields; default true"),
    _query("events", OpenAPIType.BOOLEAN, "Show the user's event totals in the profile; default false"),
]
_QUERY = _query("query", OpenAPIType.STRING, "The body of step 1 as URL-encoded JSON, in place of cursor")


@dataclass
class OpenExport(Operation):
    """POST /1/events.json."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, *_OPENING, _CURSOR]
        self.request_body = _body(
            "event_name, from and to (days as YYYYMMDD, both inclusive, on the account's calendar), "
            "optionally event_properties (filters) and identity, objectId or email (one user)",
            {"event_name": "App Launched", "from": 20171201, "to": 20171225},
        )


@dataclass
class GetEvents(Operation):
    """GET /1/events.json."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, _CURSOR, _QUERY, *_OPENING]


@dataclass
class Upload(Operation):
    """POST /1/upload."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, _query("dryRun", OpenAPIType.BOOLEAN, "1: judge, but store nothing")]
        self.request_body = _body(
            "d: up to 1000 records, each an event, a profile or a token",
            {
                "d": [
                    {
                        "type": "event",
                        "identity": "6264372124",
                        "ts": 1468308340,
                        "evtName": "Product viewed",
                        "evtData": {"Product name": "Watch", "Price": 59.99},
                    },
                    {"type": "profile", "identity": "6264372124", "profileData": {"Name": "Jack", "Age": 30}},
                ]
            },
        )
