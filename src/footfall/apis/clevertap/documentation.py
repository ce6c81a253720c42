"""What the OpenAPI pages say of this product's parameters and bodies.

They are read by hand, so that a wrong one is told in CleverTap's words; here they are only described.
"""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIType, Operation

from footfall.apis.clevertap.auth import ACCOUNT_HEADER, PASSCODE_HEADER
from footfall.apis.openapi import header, json_body, query

_CREDENTIALS = [
    header(ACCOUNT_HEADER, "The account's id"),
    header(PASSCODE_HEADER, "A passcode of the account"),
]
_CURSOR = query("cursor", "The page to read; wins over everything else in the request")
_OPENING = [
    query("batch_size", "Records per page: 1 to 5000, more is cut to 5000; default 5000", OpenAPIType.INTEGER),
    query("app", "Show app fields in the profile; default false", OpenAPIType.BOOLEAN),
    query("profile", "Show profileData, the custom profile fields; default true", OpenAPIType.BOOLEAN),
    query("events", "Show the user's event totals in the profile; default false", OpenAPIType.BOOLEAN),
]
_QUERY = query("query", "The body of step 1 as URL-encoded JSON, in place of cursor")


@dataclass
class OpenExport(Operation):
    """POST /1/events.json."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, *_OPENING, _CURSOR]
        self.request_body = json_body(
            description="event_name, from and to (days as YYYYMMDD, both inclusive, on the account's calendar), "
            "optionally event_properties (filters) and identity, objectId or email (one user)",
            example={"event_name": "App Launched", "from": 20171201, "to": 20171225},
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
        self.parameters = [*_CREDENTIALS, query("dryRun", "1: judge, but store nothing", OpenAPIType.BOOLEAN)]
        self.request_body = json_body(
            description="d: up to 1000 records, each an event, a profile or a token",
            example={
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


_REQUEST_ID = query("req_id", "The answer to read: as a partial one named it")


@dataclass
class CountEvents(Operation):
    """POST /1/counts/events.json and its neighbours."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, _QUERY]
        self.request_body = json_body(
            description="As in step 1 of Get Events; unique counts users instead of events",
            example={"event_name": "App Launched", "from": 20171201, "to": 20171225},
        )


@dataclass
class Trends(Operation):
    """POST /1/counts/trends.json."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, _REQUEST_ID]
        self.request_body = json_body(
            description="As in step 1 of Get Events, with up to 5 groups; unique counts users, sum_event_prop adds up",
            example={
                "event_name": "Charged",
                "from": 20171201,
                "to": 20171225,
                "groups": {"by day": {"trend_type": "daily"}},
            },
        )


@dataclass
class TopValues(Operation):
    """POST /1/counts/top.json."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, _REQUEST_ID]
        self.request_body = json_body(
            description="As in step 1 of Get Events, with up to 5 groups, each of one property",
            example={
                "event_name": "Searched",
                "from": 20171201,
                "to": 20171225,
                "groups": {"words": {"property_type": "event_properties", "name": "Keyword", "top_n": 3}},
            },
        )


@dataclass
class RequestId(Operation):
    """GET of trends and top values."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, _REQUEST_ID]


@dataclass
class OneProfile(Operation):
    """GET /1/profile.json."""

    def __post_init__(self) -> None:
        self.parameters = [
            *_CREDENTIALS,
            query("identity", "Exactly one of these three"),
            query("email", "Exactly one of these three"),
            query("objectId", "Exactly one of these three"),
        ]


@dataclass
class SchemaOf(Operation):
    """GET /getSchema."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS, query("type", "events or userProperties")]


@dataclass
class DeleteProfiles(Operation):
    """POST /1/delete/profiles.json."""

    def __post_init__(self) -> None:
        self.parameters = [*_CREDENTIALS]
        self.request_body = json_body(
            description="Either identity or guid (objectId): one, or up to 100 of them",
            example={"identity": ["5555555555"]},
        )
