"""The lists of events, one for each family: where they are asked for and what they show (contracts/gainsight_px.md 3).

What an event of a family other than custom shows beyond the fields of all events stands among its properties, by the
names here; ``sessionId``, ``userType``, ``globalContext``, ``remoteHost`` and ``referrer`` stand in its session.
"""

from typing import Literal

import msgspec

from footfall.apis.gainsight_px.field_values import Kind
from footfall.model.event import Family
from footfall.model.query import Field, PropertyPath

FilterField = Field | PropertyPath
SortField = Literal["date", "accountId"]

ATTRIBUTES = "attributes."
_DATE_OR_ACCOUNT: tuple[SortField, ...] = ("accountId", "date")
_DATE: tuple[SortField, ...] = ("date",)
_BASE: dict[str, FilterField] = {
    "identifyId": "customer_identity",
    "date": "occurred_at",
    "accountId": "account_id",
    "propertyKey": "property_key",
    "userType": "user_type",
    "sessionId": PropertyPath("session", "sessionId"),
}
_WEB: dict[str, Kind] = {
    "scheme": "text",
    "host": "text",
    "path": "text",
    "queryString": "text",
    "hash": "text",
    "queryParams": "map",
    "remoteHost": "text",
    "referrer": "text",
    "screenHeight": "integer",
    "screenWidth": "integer",
    "languages": "texts",
    "pageTitle": "text",
}
_ENGAGEMENT: dict[str, Kind] = {
    "engagementId": "text",
    "engagementTrackType": "text",
    "contentId": "text",
    "contentType": "text",
    "executionDate": "date",
    "executionId": "text",
    "viewEventId": "text",
    "carouselState": "text",
    "slideId": "text",
    "sequenceNumber": "integer",
    "linkUrl": "text",
    "guideState": "text",
    "stepId": "text",
    "surveyState": "text",
    "contactMeAllowed": "boolean",
    "score": "integer",
    "comment": "text",
    "questionType": "text",
    "selectionIds": "texts",
    "path": "text",
}
_OF_SESSION = frozenset({"remoteHost", "referrer"})
_FILTERABLE = frozenset({"text", "integer", "date", "boolean"})


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    """One list. ``fields``: what its events show beyond the base; ``empty``: in place of texts that are not there."""

    family: Family
    path: str
    collection: str
    event_type: str
    sort: tuple[SortField, ...] = _DATE_OR_ACCOUNT
    fields: dict[str, Kind] = {}
    without: tuple[str, ...] = ()  # base fields that its events do not have
    empty: dict[str, str] = {}
    only_equal: frozenset[str] = frozenset()  # filter fields that take no other operator
    unshown: frozenset[str] = frozenset()  # fields that are only filtered on
    has_date_range: bool = False
    has_attributes: bool = False

    def filter_fields(self) -> dict[str, FilterField]:
        """What may be filtered on, and what that is in the model."""
        found = {name: field for name, field in _BASE.items() if name not in self.without}
        if self.family == "custom":
            found |= {"eventName": "name", "eventId": "event_id", "eventType": "event_type"}
            return found | {name: PropertyPath("session", name) for name in ("url", "referrer", "remoteHost")}
        found["eventId"] = "event_key"
        for name, kind in self.fields.items():
            if name in _OF_SESSION:
                found[name] = PropertyPath("session", name)
            elif kind in _FILTERABLE:
                found[name] = PropertyPath("properties", name)
        return found

    def is_date(self, name: str) -> bool:
        """Whether a filter on the field compares dates."""
        return name == "date" or self.fields.get(name) == "date"


CUSTOM = EventList(
    family="custom",
    path="/v1/events/custom",
    collection="customEvents",
    event_type="CUSTOM",
    has_date_range=True,
    has_attributes=True,
)
OTHERS = (
    EventList(
        family="email",
        path="/v1/events/email",
        collection="results",
        event_type="EMAIL",
        sort=_DATE,
        without=("sessionId", "accountId"),
        fields={
            "engagementId": "text",
            "email": "text",
            "emailTrackType": "text",
            "status": "text",
            "reason": "text",
            "bounceType": "text",
            "mtaResponse": "text",
            "attempt": "text",
            "linkIndex": "integer",
            "linkType": "text",
            "linkUrl": "text",
            "executionDate": "date",
            "inferredLocation": "location",
        },
        unshown=frozenset({"executionDate"}),
        empty={
            "emailTrackType": "EMPTY_EMAIL_TRACK_TYPE",
            "bounceType": "EMPTY_BOUNCE_TYPE",
            "linkType": "EMPTY_LINK_TYPE",
        },
    ),
    EventList(
        family="engagement_view",
        path="/v1/events/engagementView",
        collection="results",
        event_type="ENGAGEMENT",
        fields=_ENGAGEMENT,
    ),
    EventList(
        family="feature_match",
        path="/v1/events/feature_match",
        collection="featureMatchEvents",
        event_type="FEATURE_MATCH",
        fields={"featureId": "text"},
        only_equal=frozenset({"identifyId"}),
    ),
    EventList(
        family="form_submit",
        path="/v1/events/formSubmit",
        collection="results",
        event_type="FORM_SUBMIT",
        sort=_DATE,
        fields={**_WEB, "formData": "map"},
    ),
    EventList(
        family="identify",
        path="/v1/events/identify",
        collection="identifyEvents",
        event_type="IDENTIFY",
        fields={"email": "text"},
    ),
    EventList(
        family="lead",
        path="/v1/events/lead",
        collection="results",
        event_type="LEAD",
        fields={"email": "text"},
    ),
    EventList(
        family="page_view",
        path="/v1/events/pageView",
        collection="results",
        event_type="PAGE_VIEW",
        fields=_WEB,
    ),
    EventList(
        family="segment_match",
        path="/v1/events/segment_match",
        collection="featureMatchEvents",
        event_type="SEGMENT_MATCH",
        fields={"segmentId": "text"},
        only_equal=frozenset({"identifyId"}),
    ),
    EventList(
        family="session",
        path="/v1/events/session",
        collection="sessionInitializedEvents",
        event_type="SESSION_INITIALIZED",
        fields={"remoteHost": "text", "inferredLocation": "location"},
    ),
    EventList(
        family="survey_response",
        path="/v1/survey/responses",
        collection="results",
        event_type="SURVEY",
        fields=_ENGAGEMENT,
    ),
)
