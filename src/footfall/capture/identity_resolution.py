"""Identity resolution: which customer an event names, and customers coming into being.

The rule: the first of the named identities that is known decides. A known customer is passed over when it goes by
another value of the *leading* identity's kind: two people who share an e-mail but have different external ids
stay two people. Identities that nobody holds become further names of the customer found; contested ones stay
where they are. All look-ups of a group are one statement; all new customers one insert, and so is what the system tells
of them (``capture.customer_log``).
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from footfall.capture import customer_log
from footfall.model import identifiers, instant
from footfall.model.customer import Customer, CustomerProfile, Identity, IdentityKind
from footfall.model.event import CustomerReference, WhenUnknown
from footfall.storage import customers
from footfall.storage.connection import Connection
from footfall.storage.customers import Holder

NO_PROPERTIES = msgspec.Raw(b"{}")
_FIELD_OF_KIND: dict[IdentityKind, str] = {
    "external_id": "external_id",
    "email": "email",
    "mobile": "mobile",
    "object_id": "object_id",
}


class Resolver:
    """Resolves the customers of one workspace within one transaction; ``store`` writes what came into being."""

    def __init__(self, connection: Connection, workspace: int, references: Iterable[CustomerReference]) -> None:
        self._connection = connection
        self._workspace = workspace
        self._held: dict[Identity, int] = {}
        self._brief: dict[int, Holder] = {}  # most are only pointed at, and nobody needs to know more of them
        self._loads = 0
        self._customers: dict[int, Customer] = {}
        self._by_id: dict[bytes, Customer] = {}
        self._new: dict[int, Customer] = {}
        self._changed: dict[int, Customer] = {}
        self._before: dict[int, Customer] = {}  # those that changed, as they were
        self._new_identities: list[tuple[Identity, int]] = []
        self._references = list(references)
        self._numbers: Iterator[int] = iter(())
        self._look_up(self._references)

    @property
    def changes_anybody(self) -> bool:
        """Whether ``find_or_make`` would make or change a customer for any of the references."""
        return any(self._changes(reference) for reference in self._references)

    def number_of(self, reference: CustomerReference) -> int | None:
        """The number of the known customer that ``reference`` names. Changes nothing."""
        if reference.number is not None or reference.id is not None:
            known = self._pointed_at(reference)
            return known.number if known is not None and known.deleted_at is None else None
        for identity in reference.identities:
            number = self._held.get(identity)
            if number is not None:
                leading = reference.identities[0]
                if identity is leading or identity == leading:
                    return number
                own = self._name(number, leading.kind)
                if own is None or own == leading.value:
                    return number
        return None

    @property
    def known(self) -> list[int]:
        """The numbers of all customers that the references may mean, of those that are stored."""
        return list(self._brief.keys() | self._customers.keys())

    def external_id_of(self, reference: CustomerReference) -> str | None:
        """The external id of whom ``reference`` names, who need not be known yet. Changes nothing."""
        for identity in reference.identities:
            if identity.kind == "external_id":
                return identity.value
        number = self.number_of(reference)
        return None if number is None else self._name(number, "external_id")

    def find_or_make(self, reference: CustomerReference) -> int | None:
        """The number of the customer that ``reference`` names, who may come into being by it.

        None only where the reference forbids that, or names nobody.
        """
        number = self.number_of(reference)
        if number is None:
            if reference.when_unknown is WhenUnknown.REFUSE or not reference.identities:
                return None
            number = self._make(reference).number
        elif reference.when_unknown is WhenUnknown.REGISTER and not self._is_registered(number):
            self._change(msgspec.structs.replace(self._customer(number), registered=True, created_at=instant.now()))
        self._attach(number, reference.identities)
        if reference.profile is not None:
            self._complete(self._customer(number), reference.profile)
        return number

    def store(self, *, tells: bool = True) -> None:
        """Writes new customers, their identities and what changed; ``tells``: and ``tell``."""
        if self._changed:
            now = instant.now()
            self._changed = {
                number: msgspec.structs.replace(changed, modified_at=now)
                if self._before[number].registered
                else changed
                for number, changed in self._changed.items()
            }
        customers.insert(self._connection, self._new.values())
        customers.update(self._connection, self._changed.values())
        customers.insert_identities(self._connection, self._workspace, self._new_identities)
        if tells:
            self.tell()

    def tell(self, further: Iterable[tuple[Customer, Customer]] = ()) -> None:
        """Writes the events of what was stored; ``further``: customers as they were then, and as they are by now."""
        new = dict(self._new)
        pairs = {number: (self._before[number], after) for number, after in self._changed.items()}
        for before, after in further:
            if after.number in new:
                new[after.number] = after
            else:
                pairs[after.number] = (pairs.get(after.number, (before, after))[0], after)
        happened = customer_log.created(new.values()) + customer_log.changed(pairs.values())
        customer_log.write(self._connection, self._workspace, happened)

    def _look_up(self, references: Iterable[CustomerReference]) -> None:
        identities: set[Identity] = set()
        numbers: set[int] = set()
        ids: set[bytes] = set()
        for reference in references:
            identities.update(reference.identities)
            if reference.number is not None:
                numbers.add(reference.number)
            if reference.id is not None:
                ids.add(reference.id)
        if identities:
            for identity, holder in customers.brief_holders(self._connection, self._workspace, identities).items():
                self._held[identity] = holder.number
                self._brief[holder.number] = holder
        if numbers:
            self._customers.update(customers.by_numbers(self._connection, self._workspace, numbers))
        if ids:
            self._by_id = customers.by_ids(self._connection, self._workspace, list(ids))
            self._customers.update({customer.number: customer for customer in self._by_id.values()})

    def _make(self, reference: CustomerReference) -> Customer:
        now = instant.now()
        fields: dict[str, str] = {}
        for identity in reversed(reference.identities):  # the first of a kind wins
            if identity.kind in _FIELD_OF_KIND and identity not in self._held:
                fields[_FIELD_OF_KIND[identity.kind]] = identity.value
        customer = Customer(
            number=self._next_number(),
            id=identifiers.new_id(now // instant.MILLISECOND),
            workspace=self._workspace,
            registered=reference.when_unknown is WhenUnknown.REGISTER,
            external_id=fields.get("external_id"),
            email=fields.get("email"),
            mobile=fields.get("mobile"),
            object_id=fields.get("object_id"),
            name=None,
            account_id=None,
            created_at=now,
            modified_at=None,
            deleted_at=None,
            properties=NO_PROPERTIES,
            details=NO_PROPERTIES,
        )
        self._new[customer.number] = customer
        self._customers[customer.number] = customer
        self._by_id[customer.id] = customer
        return customer

    def _next_number(self) -> int:
        number = next(self._numbers, None)
        if number is None:
            # One question for all: whoever comes into being is named by a reference that nobody answers to yet.
            unknown = {each.identities[:1] for each in self._references if self.number_of(each) is None}
            self._numbers = iter(self._connection.next_customer_numbers(max(1, len(unknown))))
            number = next(self._numbers)
        return number

    def _changes(self, reference: CustomerReference) -> bool:
        number = self.number_of(reference)
        if number is None:
            return reference.when_unknown is not WhenUnknown.REFUSE and bool(reference.identities)
        return self._makes_more_known(number, reference) or (
            reference.profile is not None and bool(_missing(self._customer(number), reference.profile))
        )

    def _makes_more_known(self, number: int, reference: CustomerReference) -> bool:
        """Whether ``reference``, but for its profile, changes the customer that it names."""
        return (reference.when_unknown is WhenUnknown.REGISTER and not self._is_registered(number)) or any(
            identity not in self._held for identity in reference.identities
        )

    def _attach(self, number: int, named: Sequence[Identity]) -> None:
        for identity in named:
            if identity in self._held:
                continue
            self._held[identity] = number
            self._new_identities.append((identity, number))
            field = _FIELD_OF_KIND.get(identity.kind)
            current = self._customer(number)
            if field is not None and getattr(current, field) is None:
                self._change(msgspec.structs.replace(current, **{field: identity.value}))

    def _complete(self, customer: Customer, profile: CustomerProfile) -> None:
        missing = _missing(customer, profile)
        if missing:
            self._change(msgspec.structs.replace(customer, **missing))

    def _change(self, customer: Customer) -> None:
        if customer.number in self._new:
            self._new[customer.number] = customer
        else:
            self._before.setdefault(customer.number, self._customers[customer.number])
            self._changed[customer.number] = customer
        self._customers[customer.number] = customer
        self._by_id[customer.id] = customer

    def _pointed_at(self, reference: CustomerReference) -> Customer | None:
        if reference.number is not None:
            return self._customers.get(reference.number)
        return None if reference.id is None else self._by_id.get(reference.id)

    def _customer(self, number: int) -> Customer:
        customer = self._customers.get(number)
        return self._load(number) if customer is None else customer

    def _load(self, number: int) -> Customer:
        """The customer, read together with whoever else may be changed; the second time, with everybody."""
        self._loads += 1
        needed = self._brief.keys() - self._customers.keys()
        if self._loads == 1:
            named = [(found, each) for each in self._references if (found := self.number_of(each)) is not None]
            changing = {found for found, each in named if each.profile or self._makes_more_known(found, each)}
            needed &= changing | {number}
        self._customers.update(customers.by_numbers(self._connection, self._workspace, needed))
        return self._customers[number]

    def _name(self, number: int, kind: IdentityKind) -> str | None:
        """The customer's first name of this kind, of those kinds that a customer has one of."""
        field = _FIELD_OF_KIND.get(kind)
        return None if field is None else getattr(self._customers.get(number) or self._brief[number], field)

    def _is_registered(self, number: int) -> bool:
        return bool((self._customers.get(number) or self._brief[number]).registered)


def _missing(customer: Customer, profile: CustomerProfile) -> dict[str, object]:
    """What is not known yet: an event's word about a customer overrules nobody."""
    missing: dict[str, object] = {
        field: said
        for field in ("name", "email", "mobile", "account_id")
        if (said := getattr(profile, field)) is not None and getattr(customer, field) is None
    }
    if profile.properties and bytes(customer.properties) == b"{}":
        missing["properties"] = msgspec.Raw(msgspec.json.encode(profile.properties))
    return missing
