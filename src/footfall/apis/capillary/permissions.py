"""Which resource of the access groups each route belongs to, in one place (contracts/capillary.md 1.5)."""

from functools import lru_cache

from footfall.model.organisation import Permission

BEHAVIOURAL_EVENTS = "Behavioural Events"
CUSTOMER = "Customer"
TRANSACTION = "Transaction"
TARGET_LOYALTY = "Target Loyalty"

RESOURCES = (
    *(BEHAVIOURAL_EVENTS, CUSTOMER, TRANSACTION, TARGET_LOYALTY, "User Targets", "Points", "Coupon", "Organization"),
    *("Store", "Staff", "Requests", "OTP", "Leads", "Images", "User Groups", "Webhooks", "Event Simulation"),
)
"""The product's resources. Those that no route here belongs to can be permitted, and change nothing."""

Requirement = tuple[str, Permission]
"""A resource, and what one must be allowed to do with it."""

_READING = frozenset({"GET", "HEAD"})
# By the beginning of the path, the first that fits: the resource whose permission is needed to read, and to write.
# None: whoever is authenticated may.
_RESOURCES: tuple[tuple[str, str | None, str | None], ...] = (
    ("/v2/events/search", CUSTOMER, CUSTOMER),
    ("/v2/events", BEHAVIOURAL_EVENTS, BEHAVIOURAL_EVENTS),
    ("/v2/customers", CUSTOMER, CUSTOMER),
    ("/v2/transactions", TRANSACTION, TRANSACTION),
    ("/v3/targetGroups/isValidName", None, None),
    ("/v3/targetGroups", None, TARGET_LOYALTY),
    ("/v3/milestones", None, TARGET_LOYALTY),
    ("/v3/users", None, TARGET_LOYALTY),
    ("/v3/oauth/", None, None),
    ("/eucrm/webhooks", None, None),
)


class UnknownRouteError(LookupError):
    """A route that stands in no line of the table."""


@lru_cache(maxsize=1024)
def required(method: str, template: str) -> Requirement | None:
    """What a caller needs for a route, by the template of its path; None: nothing. Raises UnknownRouteError."""
    for beginning, reading, writing in _RESOURCES:
        if template.startswith(beginning):
            resource = reading if method in _READING else writing
            return None if resource is None else (resource, "read" if method in _READING else "write")
    raise UnknownRouteError(f"{method} {template}")
