"""Whatever is sent, the product answers in one of its own envelopes, and never 500."""

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apis.capillary.conftest import Organisation

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
NAMES = st.sampled_from(
    ["eventName", "label", "actions", "fields", "tillCode", "webHookId", "authEnabled", "key", "secret", "profiles",
     "billNumber", "billAmount", "billingDate", "type", "transformerType", "extendedFields", "returnType", "id",
     "purchaseTime", "lineItemsV2", "deliveryStatus", "grossAmount", "loyaltyInfo", "associatedWith"]
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=60), VALUES.map(msgspec.json.encode), st.dictionaries(NAMES, VALUES).map(msgspec.json.encode)
)
WRITES = [
    ("POST", "/v2/events"),
    ("PUT", "/v2/events"),
    ("POST", "/v2/events/webhook"),
    ("PUT", "/v2/events/webhook"),
    ("PUT", "/v2/events/webhook/disable"),
    ("POST", "/v2/events/adapter_mapping"),
    ("POST", "/v2/customers"),
    ("POST", "/v2/transactions?identifierName=externalId&identifierValue=c"),
    ("POST", "/v2/transactions?identifierName=wechat&identifierValue=c&source=WECHAT&rawSideEffects=true"),
    ("POST", "/v2/transactions?identifierName=userId&identifierValue=1"),
    ("POST", "/v3/oauth/token/generate"),
]


def assert_answered(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.content:
        assert {"errors", "warnings"} & answer.json().keys()


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_any_body(organisation: Organisation, method: str, path: str) -> None:
    @QUIET
    @given(BODIES)
    def send(body: bytes) -> None:
        assert_answered(organisation.client.request(method, path, content=body))

    send()


def test_any_post(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "x", "type": "double"}, {"name": "y", "type": "tillCode"})
    path = organisation.make_webhook(uniquenessCheckEnabled=True)

    @QUIET
    @given(st.dictionaries(st.sampled_from(["guest", "x", "y", "eventDateTime"]) | TEXT, VALUES))
    def send(attributes: dict[str, object]) -> None:
        answer = organisation.client.post(path, content=msgspec.json.encode({**attributes, "event_name": "seen"}))

        assert answer.status_code == 200
        organisation.settled(answer.json()["requestId"])
        assert len(organisation.events(answer.json()["requestId"])) <= 1

    send()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v2/events/event_data", "id"),
        ("/v2/events/running_status", "eventId"),
        ("/v2/events/logs", "event_name"),
        ("/v2/events/logs", "from_date"),
        ("/v2/events/logs", "limit"),
        ("/v2/events/meta", "event_name"),
        ("/v2/events/adapter_mapping", "event_name"),
        ("/v2/events/audit_logs", "eventName"),
        ("/v2/events/search", "eventName"),
        ("/v2/events/search", "userIdentifierType"),
        ("/v2/events/search", "userGroupIdentifierValue"),
        ("/v2/events/search", "tillDate"),
        ("/v2/events/search", "offset"),
        ("/v2/customers/lookup", "identifierName"),
        ("/v2/customers/lookup", "source"),
        ("/v2/customers/lookup", "accountId"),
    ],
)
def test_any_query(organisation: Organisation, path: str, name: str) -> None:
    @QUIET
    @given(TEXT | st.integers().map(str))
    def ask(value: str) -> None:
        assert_answered(organisation.client.get(path, params={name: value, "identifierValue": value}))

    ask()


def test_any_adapter(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "x", "type": "double"})
    path = organisation.make_webhook(transformerType="WebEngageTransformer")
    fields = st.lists(st.fixed_dictionaries({"eventFieldName": TEXT | st.just("guest"), "fieldName": TEXT}), max_size=3)

    @QUIET
    @given(st.dictionaries(TEXT, st.integers() | SCALARS, max_size=3), fields | VALUES)
    def send(names: dict[str, object], fields: object) -> None:
        mapping = {"eventNameMapping": {"valueMap": names}, "eventFieldMappings": fields}
        asked = {"eventName": "seen", "webEngageTransformerMapping": mapping}
        answer = organisation.client.post("/v2/events/adapter_mapping", content=msgspec.json.encode(asked))
        assert_answered(answer)
        if answer.is_success and any(names):
            name = next(filter(None, names))
            posted = organisation.client.post(path, content=msgspec.json.encode({"event_name": name, "guest": "g"}))
            organisation.settled(posted.json()["requestId"])
        assert organisation.client.get("/v2/events").status_code == 200

    send()


KINDS = st.sampled_from(["REGULAR", "RETURN", "NOT_INTERESTED", "NOT_INTERESTED_RETURN", "return", None]) | TEXT
RETURN_KINDS = st.sampled_from(["AMOUNT", "FULL", "LINE_ITEM", "CANCELLED", None]) | TEXT
NUMBERS = st.integers(-5, 50) | st.sampled_from(["", "1.5", "7", None]) | SCALARS
LINES = st.lists(
    st.fixed_dictionaries(
        {"itemCode": st.sampled_from(["a", "b", 1, None])}, optional={"qty": NUMBERS, "amount": NUMBERS}
    )
    | VALUES,
    max_size=3,
)
BILLS = st.fixed_dictionaries(
    {"billNumber": st.sampled_from(["1", "2", 3]), "identifierType": st.just("externalId"), "identifierValue": TEXT},
    optional={
        "type": KINDS, "returnType": RETURN_KINDS, "billAmount": NUMBERS, "lineItemsV2": LINES, "id": NUMBERS,
        "purchaseTime": TEXT, "extendedFields": VALUES, "source": TEXT, "accountId": TEXT,
    },
)  # fmt: skip


def test_any_bills_at_once(organisation: Organisation) -> None:
    @QUIET
    @given(st.lists(BILLS | VALUES, min_size=1, max_size=5))
    def send(items: list[object]) -> None:
        answer = organisation.client.post("/v2/transactions/bulk", content=msgspec.json.encode(items))

        told = answer.json()
        failed = sum(bool(one["errors"]) for one in told["response"])
        assert (told["totalCount"], told["failureCount"]) == (len(items), failed)
        assert answer.status_code == (200 if not failed else 500 if failed == len(items) else 201)
        assert all((one["entityId"] is None) == bool(one["errors"]) for one in told["response"])

    send()


IDENTIFIERS = st.fixed_dictionaries({"type": st.sampled_from(["mobile", "wechat", "x"]), "value": TEXT})
PROFILES = st.fixed_dictionaries(
    {"identifiers": st.lists(IDENTIFIERS)},
    optional={
        "source": st.sampled_from(["INSTORE", "WECHAT", "MOON", None]) | TEXT, "accountId": TEXT, "fields": VALUES,
        "commChannels": st.lists(st.dictionaries(st.sampled_from(["type", "value", "primary", "meta"]), VALUES)),
        "firstName": TEXT, "lastName": SCALARS,
    },
)  # fmt: skip


def test_any_customer(organisation: Organisation) -> None:
    @QUIET
    @given(st.lists(PROFILES, max_size=3), st.none() | st.dictionaries(TEXT, VALUES, max_size=3))
    def register(profiles: list[object], fields: object) -> None:
        body = msgspec.json.encode({"profiles": profiles, "extendedFields": fields})
        answer = organisation.client.post("/v2/customers", content=body)

        assert_answered(answer)
        if answer.status_code == 200:
            shown = organisation.client.get(f"/v2/customers/{answer.json()['createdId']}")
            assert shown.status_code == 200, shown.text

    register()


def test_attributes_come_back_as_they_were_posted(organisation: Organisation) -> None:
    """Text stays text; everything else is shown as its JSON."""
    organisation.define("seen")

    @QUIET
    @given(st.dictionaries(TEXT.map("a-".__add__), SCALARS.filter(lambda value: value is not None), max_size=4))
    def post(attributes: dict[str, object]) -> None:
        shown = organisation.event(organisation.post("seen", **attributes))["additonalAttributes"]

        assert list(shown) == sorted(shown)
        for name, value in attributes.items():
            assert shown[name] == value if isinstance(value, str) else msgspec.json.decode(shown[name]) == value

    post()
