"""What the OpenAPI pages say of this product's parameters and bodies.

Both are read by hand, so that a wrong one is told in Capillary's words; here they are only described.
"""

from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, Parameter, RequestBody, Schema

from footfall.apis.capillary.auth import TOKEN_HEADER


def query(name: str, description: str, kind: OpenAPIType = OpenAPIType.STRING, *, required: bool = False) -> Parameter:
    """A query parameter."""
    return Parameter(name=name, param_in="query", required=required, description=description, schema=Schema(type=kind))


def described(
    *parameters: Parameter, body: object = None, path: str | None = None, is_open: bool = False
) -> type[Operation]:
    """The description of one operation.

    ``body`` is an example of its JSON body, ``path`` the name of its path parameter; ``is_open``: no credentials.
    """
    credentials = [] if is_open else _CREDENTIALS
    in_path = [] if path is None else [_path(path)]

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*in_path, *parameters, *credentials]
            if body is not None:
                media = OpenAPIMediaType(
                    schema=Schema(type=OpenAPIType.OBJECT), examples={"example": Example(value=body)}
                )
                self.request_body = RequestBody(content={"application/json": media}, required=True)

    return Described


def _header(name: str, description: str) -> Parameter:
    return Parameter(
        name=name, param_in="header", required=False, description=description, schema=Schema(type=OpenAPIType.STRING)
    )


def _path(name: str) -> Parameter:
    return Parameter(name=name, param_in="path", required=True, schema=Schema(type=OpenAPIType.STRING))


_CREDENTIALS = [
    _header("Authorization", "Basic: base64 of the till's user name, a colon, and the MD5 of its password"),
    _header(TOKEN_HEADER, "A token of an OAuth client, in place of Authorization"),
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
