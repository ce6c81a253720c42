"""Between the wire and the model; pure (contracts/rapidly.md 3)."""

import hashlib
from collections.abc import Iterable

import msgspec

from footfall.apis.rapidly import metadata, moments
from footfall.apis.rapidly.schemas import (
    Customer,
    CustomerMember,
    EventCreate,
    EventCustomer,
    SystemEvent,
    UserEvent,
)
from footfall.model import customer as model
from footfall.model import identifiers
from footfall.model.customer import Identity
from footfall.model.customer_details import details_of
from footfall.model.customer_event import LABELS, CustomerEvent
from footfall.model.event import CustomerLink, CustomerReference, NewEvent, WhenUnknown
from footfall.model.member import Member
from footfall.model.workspace import Workspace
from footfall.storage.event_details import EventInHierarchy
from footfall.storage.event_list import AnyListed, Listed

SYSTEM, USER = "system", "user"


def new_event(sent: EventCreate, now: int) -> NewEvent:
    """The event to capture for an event of a batch."""
    return NewEvent(
        name=sent.name,
        occurred_at=sent.timestamp,
        received_at=now,
        properties=sent.metadata,
        customer=_reference(sent),
        external_id=sent.external_id,
        parent=None if sent.parent_id is None else identifiers.from_text(sent.parent_id),
        parent_external_id=sent.parent_id,
        member_id=sent.member_id,
        external_member_id=sent.external_member_id,
        captured_by="rapidly",
    )


def event(
    stored: EventInHierarchy, about: model.Customer | None, present: model.Customer | None, workspace: Workspace
) -> UserEvent:
    """A captured event as the product shows it.

    ``about`` is its customer; ``present`` whoever goes by the external id that it named: another one, once the
    customer is deleted and somebody else has taken the name.
    """
    workspace_id = identifiers.to_text(workspace.id)
    link = stored.customer_link
    shows_id = about is not None and link != CustomerLink.BY_EXTERNAL_ID
    shows_external_id = about is not None and link != CustomerLink.BY_ID
    shown = about if link != CustomerLink.BY_EXTERNAL_ID else present
    return UserEvent(
        id=identifiers.to_text(stored.id),
        timestamp=moments.show(stored.occurred_at),
        workspace_id=workspace_id,
        customer_id=identifiers.to_text(about.id) if about is not None and shows_id else None,
        customer=None if shown is None else event_customer(shown, workspace_id),
        external_customer_id=about.external_id if about is not None and shows_external_id else None,
        member_id=None if stored.member_id is None else identifiers.to_text(stored.member_id),
        external_member_id=stored.external_member_id,
        child_count=stored.child_count,
        parent_id=None if stored.parent_id is None else identifiers.to_text(stored.parent_id),
        label=label_of(stored),
        name=stored.name,
        source=USER,
        metadata=metadata.shown(stored.properties),
    )


def system_event(stored: CustomerEvent, about: model.Customer | None, workspace: Workspace) -> SystemEvent:
    """An event of the system's own, about a customer."""
    workspace_id = identifiers.to_text(workspace.id)
    return SystemEvent(
        id=identifiers.to_text(stored.id),
        timestamp=moments.show(stored.occurred_at),
        workspace_id=workspace_id,
        customer_id=None if about is None else identifiers.to_text(about.id),
        customer=None if about is None else event_customer(about, workspace_id),
        external_customer_id=None,
        member_id=None,
        external_member_id=None,
        child_count=0,
        parent_id=None,
        label=LABELS[stored.name],
        source=SYSTEM,
        name=stored.name,
        metadata=msgspec.Raw(stored.metadata),
    )


moment = moments.show
"""An instant as the product shows it."""


def label_of(stored: EventInHierarchy) -> str:
    """The value that the type's selector finds in the event, unless there is none or it is false; else its label."""
    if stored.label_selector is not None:
        selected = metadata.at(stored.properties, stored.label_selector)
        if selected:
            return selected
    return stored.label or stored.name


def listed(found: AnyListed, workspace: Workspace) -> UserEvent | SystemEvent:
    """An event of a list."""
    if isinstance(found, Listed):
        return event(found.event, found.customer, found.present, workspace)
    return system_event(found.event, found.customer, workspace)


def event_customer(about: model.Customer, workspace_id: str) -> EventCustomer:
    """A customer as an event carries one."""
    details = details_of(about)
    email = details.email or about.email
    return EventCustomer(
        id=identifiers.to_text(about.id),
        created_at=moments.show(about.created_at),
        modified_at=None if about.modified_at is None else moments.show(about.modified_at),
        metadata=about.properties,
        external_id=about.external_id if about.deleted_at is None else None,
        email=email,
        email_verified=details.email_verified,
        type=details.type,
        name=about.name,
        billing_address=details.billing_address,
        workspace_id=workspace_id,
        deleted_at=None if about.deleted_at is None else moments.show(about.deleted_at),
        avatar_url=None if email is None else avatar_url(email),
    )


def customer(about: model.Customer, workspace: Workspace, members: Iterable[Member] = ()) -> Customer:
    """A customer as the customers' endpoints show one."""
    shown = event_customer(about, identifiers.to_text(workspace.id))
    fields = {name: getattr(shown, name) for name in EventCustomer.__struct_fields__}
    return Customer(**fields, members=[member(each, shown.id) for each in members])


def member(own: Member, customer_id: str) -> CustomerMember:
    """A member of a customer."""
    return CustomerMember(
        id=identifiers.to_text(own.id),
        created_at=moment(own.created_at),
        modified_at=None if own.modified_at is None else moment(own.modified_at),
        customer_id=customer_id,
        email=own.email,
        name=own.name,
        external_id=own.external_id,
        role=own.role,
    )


def avatar_url(email: str) -> str:
    """Gravatar's picture for an address; contracts/rapidly.md 4.1."""
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    return f"https://www.gravatar.com/avatar/{digest}?d=404"


def _reference(sent: EventCreate) -> CustomerReference:
    if sent.external_customer_id is not None:
        return CustomerReference(
            identities=(Identity("external_id", sent.external_customer_id),),
            when_unknown=WhenUnknown.MENTION,
            link=CustomerLink.BY_EXTERNAL_ID,
        )
    return CustomerReference(id=sent.customer_id, when_unknown=WhenUnknown.REFUSE, link=CustomerLink.BY_ID)
