"""What the OpenAPI pages say of this product's parameters and bodies.

Both are read by hand, so that a wrong one is told in Capillary's words; here they are only described.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIResponse, Operation, Parameter

from footfall.apis.capillary.attribution import PREFIX
from footfall.apis.capillary.auth import TOKEN_HEADER
from footfall.apis.openapi import ARRAY, OBJECT, header, in_path, json_body


def described(
    *parameters: Parameter, body: object = None, path: Sequence[str] = (), is_open: bool = False
) -> type[Operation]:
    """The description of one operation.

    ``body`` is an example of its JSON body, ``path`` the names of its path parameters; ``is_open``: no credentials.
    """
    credentials = [] if is_open else _CREDENTIALS
    forbidden = {} if is_open else {"403": _FORBIDDEN}
    paths = [in_path(name) for name in path]

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*paths, *parameters, *credentials]
            if body is not None:
                self.request_body = json_body(ARRAY if isinstance(body, list) else OBJECT, example=body)
            self.responses = {**(self.responses or {}), "400": _REFUSED, "401": _UNAUTHORIZED, **forbidden}

    return Described


_CREDENTIALS = [
    header("Authorization", "Basic: base64 of till user name, colon, MD5 of the password", required=False),
    header(TOKEN_HEADER, "A token of an OAuth client, in place of Authorization", required=False),
    header(f"{PREFIX}ENTITY-TYPE", "With a token: what the entity code is of; TILL unless said", required=False),
    header(f"{PREFIX}ENTITY-CODE", "With a token: the till, or the store whose till, acts", required=False),
]

_REFUSED = OpenAPIResponse(description="Refused: an item of `errors` has the product's code and says why")
_FORBIDDEN = OpenAPIResponse(description="The caller's access group does not have what it takes: code 4000")
_UNAUTHORIZED = OpenAPIResponse(description="No valid credentials: XML under /v2, JSON under /v3")

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
ADAPTER_MAPPING = {
    "eventName": "stay_booked",
    "webEngageTransformerMapping": {
        "eventNameMapping": {"valueMap": {"Stay Booked": 1}},
        "eventFieldMappings": [{"eventFieldName": "guest_mobile", "fieldName": "phone"}],
    },
}
POSTED_EVENT = {
    "event_name": "stay_booked",
    "guest_mobile": "919900000001",
    "rooms": 2,
    "eventDateTime": "2026-03-04T10:15:00+05:30",
}
CUSTOMER = {
    "profiles": [
        {
            "firstName": "Anna",
            "lastName": "Dam",
            "identifiers": [{"type": "mobile", "value": "919900000001"}],
            "commChannels": [{"type": "mobile", "value": "919900000001", "primary": True, "verified": True}],
            "fields": {},
            "source": "INSTORE",
        }
    ],
    "loyaltyInfo": {"loyaltyType": "loyalty"},
    "extendedFields": {"city": "Utrecht"},
}
TRANSACTION = {
    "type": "REGULAR",
    "billNumber": "B-1",
    "billAmount": "120.50",
    "billingDate": "2026-03-04T10:15:00+05:30",
}
BULK_TRANSACTION = {
    "identifierType": "mobile",
    "identifierValue": "919900000001",
    "source": "INSTORE",
    **TRANSACTION,
}
TARGET_PERIOD = {
    "startDate": "2026-03-01T00:00:00Z",
    "endDate": "2026-03-31T23:59:59Z",
    "refCode": "MARCH",
    "active": True,
}
TARGET = {
    "name": "Spend 100",
    "active": True,
    "targetEntity": "TRANSACTION",
    "targetType": "SALES",
    "eventName": "TransactionAdd",
    "expression": "true",
    "enrolmentMethod": "TRANSACTION",
    "defaultValues": [{"defaultValue": 100}],
}
TARGET_GROUP = {
    "name": "Monthly spend",
    "active": True,
    "trackingType": "DEFAULT",
    "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
    "totalPeriods": 1,
    "frequencyType": "MONTHLY",
    "frequency": 1,
    "recurringCycles": 1,
    "timeZoneName": "Europe/London",
    "periods": [TARGET_PERIOD],
    "targets": [TARGET],
}
ENROLMENT = {"customerId": 1, "periodName": "MARCH", "initialBalance": None, "resetStreakStatus": False}
