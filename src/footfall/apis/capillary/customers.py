"""Customers as the product shows them (contracts/capillary.md 6.2). Pure."""

import msgspec

from footfall.apis.capillary import customer_details, identity
from footfall.apis.capillary.customer_details import Details, Profile
from footfall.apis.capillary.customer_schemas import (
    CommChannel,
    CustomerAnswer,
    Identifier,
    LoyaltyInfo,
    ProfileAnswer,
)
from footfall.apis.capillary.transaction_schemas import CustomerInfo
from footfall.model import amount, instant
from footfall.model.customer import Customer, Identity


def shown(customer: Customer, names: list[Identity], *, purchases: int, till_code: str) -> CustomerAnswer:
    """The customer with ``names``; ``purchases`` is the sum of his bills."""
    details = customer_details.of(customer)
    profiles = details.profiles or [_profile_of_others(customer)]
    placed = _placed(profiles, names)
    return CustomerAnswer(
        id=customer.number,
        profiles=[_profile(customer, profile, own, names) for profile, own in zip(profiles, placed, strict=True)],
        loyalty_info=LoyaltyInfo(details.loyalty_type, msgspec.Raw(amount.to_text(purchases).encode())),
        associated_with=details.associated_with or till_code,
        extended_fields=_extended_fields(customer, details),
    )


def channels(customer: Customer) -> list[CommChannel]:
    """How the customer can be reached: as told to this product, else by his names."""
    told = [channel for profile in customer_details.of(customer).profiles for channel in profile.channels]
    return told or _channels_of_others(customer)


def info(customer: Customer | None) -> CustomerInfo:
    """First and last name: as told to this product, else the name's words."""
    if customer is None:
        return CustomerInfo(None, None)
    for profile in customer_details.of(customer).profiles:
        if profile.first_name is not None or profile.last_name is not None:
            return CustomerInfo(profile.first_name, profile.last_name)
    if customer.name is None:
        return CustomerInfo(None, None)
    first, _, last = customer.name.partition(" ")
    return CustomerInfo(first, last or None)


def _profile(customer: Customer, profile: Profile, own: list[Identity], every: list[Identity]) -> ProfileAnswer:
    person = info(customer)
    is_named = profile.first_name is not None or profile.last_name is not None
    return ProfileAnswer(
        first_name=profile.first_name if is_named else person.first_name,
        last_name=profile.last_name if is_named else person.last_name,
        fields=profile.fields,
        identifiers=_identifiers(own),
        comm_channels=profile.channels or (_channels_of_others(customer) if profile.source == identity.INSTORE else []),
        source=profile.source,
        user_id=customer.number,
        account_id=profile.account_id,
        auto_update_time=f"{instant.utc_text(customer.modified_at or customer.created_at, 'seconds')}Z",
        identifiers_all=_identifiers(every),
    )


def _profile_of_others(customer: Customer) -> Profile:
    return Profile(source=identity.INSTORE, account_id=customer.account_id or "")


def _channels_of_others(customer: Customer) -> list[CommChannel]:
    return [
        CommChannel(kind, value, primary=True)
        for kind, value in (("mobile", customer.mobile), ("email", customer.email))
        if value is not None
    ]


def _placed(profiles: list[Profile], names: list[Identity]) -> list[list[Identity]]:
    """Which names each profile shows: those it was given; what came by other ways stands in the first that fits."""
    given = [set(profile.identities) for profile in profiles]
    for name in names:
        if not any(name in own for own in given):
            where = identity.place_of(name)
            fitting = (index for index, profile in enumerate(profiles) if profile.place == where)
            given[next(fitting, 0)].add(name)
    return [[name for name in names if name in own] for own in given]


def _identifiers(names: list[Identity]) -> list[Identifier]:
    return [Identifier(*pair) for name in names if (pair := identity.shown(name)) is not None]


def _extended_fields(customer: Customer, details: Details) -> dict[str, msgspec.Raw]:
    """The customer's properties, without those that are fields of a profile only."""
    fields = {name for profile in details.profiles for name in profile.fields}.difference(details.extended)
    properties = msgspec.json.decode(customer.properties, type=dict[str, msgspec.Raw])
    return {name: value for name, value in properties.items() if name not in fields}
