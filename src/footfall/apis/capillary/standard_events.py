"""Standard events: definitions that the product describes itself, for an organisation to enable as they are.

Contract: contracts/capillary.md 2.3. The customer is required in all of them, and named by a mobile number.
"""

import msgspec

from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Field, FieldAttribute
from footfall.model.workspace import Workspace

_BOTH = ("EIConsumer", "EMFConsumer")
_PRODUCT = "productSku*, productBrand, productCategory, productPrice, productName, productType"
_CART = "cartId, productSku*, productBrand, productCategory, productQuantity, productPrice, productName, productType"
_DEVICE = "firstName, lastName, deviceId, ipAddress, location"
_COUPON = "couponId, orderId*, cartId, checkoutId, couponCode, discount"
_TYPES = {
    "productSku": "productSku",
    "productBrand": "productBrand",
    "productCategory": "productCategory",
    "couponCode": "couponCode",
    "productPrice": "double",
    "productQuantity": "double",
    "discount": "double",
}
_TRUE = FieldAttribute("BOOLEAN", "true")
_CUSTOMER = Field(
    "customer",
    "customer",
    {
        "isRequired": _TRUE,
        "identifierType": FieldAttribute("ENUM", "mobile"),
        "source": FieldAttribute("ENUM", "INSTORE"),
    },
)


class StandardEvent(msgspec.Struct, frozen=True):
    """One standard event; ``described`` names its fields beside the customer, required ones with an asterisk."""

    name: str
    described: str
    category: str = "Ecommerce"
    actions: tuple[str, ...] = _BOTH

    @property
    def fields(self) -> list[Field]:
        """All fields, the customer first."""
        return [_CUSTOMER, *(_field(word.strip()) for word in self.described.split(","))]


STANDARD_EVENTS = {
    event.name: event
    for event in (
        StandardEvent("ProductViewed", _PRODUCT),
        StandardEvent("ProductAddedToCart", _CART),
        StandardEvent("ProductRemovedFromCart", _CART),
        StandardEvent("CategoryViewed", "categoryId, productCategory*"),
        StandardEvent("ProductSearched", "searchTerm*", actions=("EIConsumer",)),
        StandardEvent("CustomerRegistered", "firstName*, lastName, deviceId, ipAddress, location"),
        StandardEvent("CustomerLoggedIn", "firstName, lastName*, deviceId, ipAddress, location"),
        StandardEvent("CustomerLoggedOut", _DEVICE),
        StandardEvent("AppInstalled", _DEVICE, "MobileApp"),
        StandardEvent("AppUninstalled", _DEVICE, "MobileApp"),
        StandardEvent("CouponApplied", _COUPON),
        StandardEvent("CouponDenied", f"{_COUPON}, reason"),
    )
}


def definition(event: StandardEvent, workspace: Workspace, now: int) -> Definition:
    """``event`` as a definition of the workspace."""
    return Definition(
        id=identifiers.new_id(now // instant.MILLISECOND),
        workspace=workspace.number,
        name=event.name,
        label=None,
        description=None,
        actions=list(event.actions),
        fields=event.fields,
        is_verified=False,
        created_at=now,
        is_standard=True,
    )


def _field(word: str) -> Field:
    name = word.removesuffix("*")
    return Field(name, _TYPES.get(name, "string"), {"isRequired": _TRUE} if word.endswith("*") else {})
