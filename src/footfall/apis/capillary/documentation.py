"""What the OpenAPI pages say of this product's parameters and bodies.

Both are read by hand, so that a wrong one is told in Capillary's words; here they are only described.
"""

from dataclasses import dataclass

from litestar.openapi.spec import Operation, Parameter

from footfall.apis.capillary.auth import TOKEN_HEADER
from footfall.apis.openapi import header, in_path, json_body


def described(
    *parameters: Parameter, body: object = None, path: str | None = None, is_open: bool = False
) -> type[Operation]:
    """The description of one operation.

    ``body`` is an example of its JSON body, ``path`` the name of its path parameter; ``is_open``: no credentials.
    """
    credentials = [] if is_open else _CREDENTIALS
    paths = [] if path is None else [in_path(path)]

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*paths, *parameters, *credentials]
            if body is not None:
                self.request_body = json_body(example=body)

    return Described


_CREDENTIALS = [
    header("Authorization", "Basic: base64 of till user name, colon, MD5 of the password", required=False),
    header(TOKEN_HEADER, "A token of an OAuth client, in place of Authorization", required=False),
]

DEFINITION = {
    "eventName": "stay_booked",
    "label": "Stay booked",
    "actions": ["EIConsumer", "EMFConsumer"],
    "fields": [
        {
            "name": "guest_mobile",
            "type": "customer",
            "attributes": {
                "identifierType": {"valueType": "ENUM", "value": "mobile"},
                "addCustomerIfNotExists": {"valueType": "BOOLEAN", "value": "true"},
            },
        },
        {"name": "rooms", "type": "double", "attributes": {}},
    ],
}
WEBHOOK = {
    "transformerType": "DefaultTransformer",
    "tillCode": "till_1",
    "authEnabled": False,
    "uniquenessCheckEnabled": False,
}
POSTED_EVENT = {
    "event_name": "stay_booked",
    "guest_mobile": "919900000001",
    "rooms": 2,
    "eventDateTime": "2026-03-04T10:15:00+05:30",
}
CUSTOMER = {
    "profiles": [{"firstName": "Anna", "lastName": "Dam", "identifiers": [{"type": "mobile", "value": "919900000001"}]}]
}
TRANSACTION = {
    "type": "REGULAR",
    "billNumber": "B-1",
    "billAmount": "120.50",
    "billingDate": "2026-03-04T10:15:00+05:30",
}
