"""``GET /v2/events/search``: from query parameters to a question of the store (contracts/capillary.md 3.6).

Whatever is no parameter of the product's is the name of an attribute, which has to have that value.
"""

from collections.abc import Iterable, Mapping

import msgspec

from footfall.apis.capillary import attributes, identity, parameters
from footfall.apis.capillary.identity import Place
from footfall.apis.capillary.tills import Tills
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition
from footfall.model.record_search import PropertyMatch, RecordSearch
from footfall.model.text import words

_PARAMETERS = frozenset(
    {
        "eventId", "eventName", "userIdentifierType", "userIdentifierValue", "userIdentifierSource",
        "userIdentifierAccountId", "userGroupIdentifierType", "userGroupIdentifierValue", "userGroupIdentifierSource",
        "userGroupIdentifierAccountId", "fromDate", "tillDate", "limit", "offset", "sortOrder", "includeSideEffects",
        "isDuplicate", "allowExactMatch",
    }
)  # fmt: skip
_GROUP_NAMES = frozenset({"groupId", "groupExternalId"})
_CUSTOMER_TYPES = frozenset({"mobile", "email", "userid"})
_MILLISECOND_DIGITS = 13

Choice = tuple[PropertyMatch, ...]
"""What an attribute may be: one of these."""


class Person(msgspec.Struct, frozen=True):
    """A customer by an identifier, as ``identity`` knows them."""

    type: str
    value: str
    where: Place


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A search, before anything is looked up."""

    event_id: bytes | None = None
    is_impossible: bool = False  # nothing can have what was asked for
    event_name: str | None = None
    people: tuple[Person, ...] = ()
    group: str | None = None  # the group's own name
    of_groups: bool = False  # only events that name a group
    since: int | None = None  # instant
    before: int | None = None
    is_duplicate: bool | None = None
    is_exact: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    is_descending: bool = True
    limit: int = 10
    skip: int = 0
    with_side_effects: bool = False


def asked_of(pairs: Iterable[tuple[str, str]]) -> Asked:
    """What the query's parameters ask for. Raises CapillaryError 1850 for one that cannot be read."""
    pairs = list(pairs)
    known = {name: value for name, value in pairs if name in _PARAMETERS}
    event_id = known.get("eventId", "").strip()
    identifier = identifiers.from_text(event_id) if event_id else None
    person = _identified(known, "userIdentifier")
    group = _identified(known, "userGroupIdentifier")
    by_name = None if group is None or group.type not in _GROUP_NAMES else group.value
    people = [one for one in (person, None if by_name is not None else group) if one is not None]
    for one, name in ((person, "userIdentifierType"), (None if by_name else group, "userGroupIdentifierType")):
        if one is not None and one.type.casefold() not in _CUSTOMER_TYPES and not identity.is_type(one.type):
            raise parameters.invalid(name)
    order = known.get("sortOrder", "").strip().upper() or "DESC"
    if order not in {"ASC", "DESC"}:
        raise parameters.invalid("sortOrder")
    return Asked(
        event_id=identifier,
        is_impossible=bool(event_id) and identifier is None,
        event_name=known.get("eventName") or None,
        people=tuple(people),
        group=by_name,
        of_groups=group is not None,
        since=_start(known),
        before=_end(known),
        is_duplicate=parameters.boolean(known, "isDuplicate"),
        is_exact=parameters.boolean(known, "allowExactMatch") or False,
        attributes=tuple((name, value) for name, value in pairs if name not in _PARAMETERS and name),
        is_descending=order == "DESC",
        limit=parameters.limit_of(known),
        skip=parameters.whole_number(known, "offset", 0, least=0),
        with_side_effects=parameters.boolean(known, "includeSideEffects") or False,
    )


class Schema:
    """What definitions say of attributes: as what else an attribute's value may have been posted than it is shown."""

    def __init__(self, definitions: Mapping[str, Definition], tills: Tills) -> None:
        """``definitions`` are those whose events are searched."""
        self._kinds: dict[str, set[str]] = {}
        self._tills = tills
        for defined in definitions.values():
            for field in defined.fields:
                self._kinds.setdefault(field.name, set()).add(field.kind)
        own = {name for name, kinds in self._kinds.items() if attributes.GROUP in kinds}
        self._groups = sorted(own | _GROUP_NAMES)

    def attribute(self, name: str, value: str, *, is_exact: bool) -> Choice:
        """That the attribute is ``value``, or has its words in it."""
        if name in _GROUP_NAMES:
            return self.group(value)
        kinds = self._kinds.get(name, set())
        till = self._tills.named(value) if "tillcode" in kinds else None
        if till is not None:
            return _is_one_of(name, [value, till.code, str(till.id)])
        spellings = attributes.spellings(value) if "double" in kinds else [value]
        if is_exact or len(spellings) > 1 or not words(value):
            return _is_one_of(name, spellings)
        return (PropertyMatch(name, value, "words"),)

    def group(self, value: str) -> Choice:
        """That the group is ``value``."""
        return tuple(PropertyMatch(name, value) for name in self._groups)

    def any_group(self) -> Choice:
        """That there is a group."""
        return tuple(PropertyMatch(name, how="present") for name in self._groups)


def question(
    asked: Asked, workspace: int, event_type: int | None, customer: int | None, defined: Schema
) -> RecordSearch:
    """The question for the store; ``event_type`` and ``customer`` are numbers of what ``asked`` names."""
    properties = [defined.attribute(name, value, is_exact=asked.is_exact) for name, value in asked.attributes]
    if asked.group is not None:
        properties.append(defined.group(asked.group))
    elif asked.of_groups:
        properties.append(defined.any_group())
    return RecordSearch(
        workspace=workspace,
        id=asked.event_id,
        type=event_type,
        customer=customer,
        since=asked.since,
        before=asked.before,
        is_duplicate=asked.is_duplicate,
        properties=tuple(properties),
        descending=asked.is_descending,
        limit=asked.limit,
        skip=asked.skip,
    )


def _is_one_of(name: str, values: Iterable[str]) -> Choice:
    return tuple(PropertyMatch(name, value) for value in dict.fromkeys(values))


def _identified(known: Mapping[str, str], prefix: str) -> Person | None:
    """Whom or what ``...Type`` and ``...Value`` name together; neither means anything without the other."""
    kind, value = (known.get(f"{prefix}{part}", "").strip() for part in ("Type", "Value"))
    if not kind and not value:
        return None
    if not value:
        raise parameters.invalid(f"{prefix}Value")
    if not kind:
        raise parameters.invalid(f"{prefix}Type")
    where = identity.place(known.get(f"{prefix}Source"), known.get(f"{prefix}AccountId"))
    if where is None:
        raise parameters.invalid(f"{prefix}Source")
    return Person(kind, value, where)


def _start(known: dict[str, str]) -> int | None:
    return parameters.moment(known, "fromDate", 0) if known.get("fromDate", "").strip() else None


def _end(known: dict[str, str]) -> int | None:
    """The first instant behind ``tillDate``, which is a whole day, second or millisecond: as it is written."""
    text = known.get("tillDate", "").strip()
    if not text:
        return None
    start = parameters.moment(known, "tillDate", 0)
    if text.isdecimal() and len(text) <= _MILLISECOND_DIGITS:
        return start + instant.MILLISECOND
    if ":" not in text:
        return start + instant.DAY
    return start + (instant.MILLISECOND if start % instant.SECOND or "." in text else instant.SECOND)
