"""Profiles: what an upload says about a user, and how that changes the customer (contracts/clevertap.md 3.1)."""

import math
import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Raw

from footfall.apis.clevertap import identities, verdicts
from footfall.apis.clevertap.properties import (
    FORBIDDEN_IN_PROFILES,
    MOST_VALUES,
    Unacceptable,
    check_key,
    check_scalar,
    check_values,
)
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference
from footfall.model.text import comparable_email

Operation = Literal["$add", "$remove", "$set", "$delete", "$incr", "$decr"]

_EMAIL = re.compile(r"[^@\s\0]+@[^@\s\0]+\.[^@\s\0]+")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_PHONE_FILLERS = str.maketrans("", "", " -()")
_LONGEST_NAME = 512
_LONGEST_EMAIL = 320
_LARGEST_STEP = 2**53

_CHOICES = {
    "Gender": (frozenset("MF"), 514, "Gender needs to be M/F."),
    "Employed": (frozenset("YN"), 517, "Employed needs to be Y/N."),
    "Education": (
        frozenset({"School", "College", "Graduate"}),
        518,
        "Education needs to be School/College/Graduate..",
    ),
    "Married": (frozenset("YN"), 519, "Married needs to be Y/N."),
}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_members = msgspec.json.Decoder(dict[str, Raw]).decode


DETAILS = "clevertap"
"""Where ``Details`` stand among the details of a customer."""


class Details(msgspec.Struct, frozen=True):
    """What only CleverTap knows of a customer."""

    platform: str | None = None


class Step(msgspec.Struct, frozen=True):
    """An operator on one property: ``{"$incr": 5}``."""

    key: str
    operation: Operation
    operand: Any


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one record says about one user. ``values`` replace properties, ``steps`` work on those that are there."""

    reference: CustomerReference
    name: str | None = None
    email: str | None = None
    mobile: str | None = None
    platform: str | None = None
    values: Mapping[str, Raw] = {}
    steps: tuple[Step, ...] = ()

    @property
    def contacts(self) -> tuple[Identity, ...]:
        """The names that the record says beside those it is about: they, too, tell who somebody is."""
        email = () if self.email is None else (Identity("email", self.email),)
        return email if self.mobile is None else (*email, Identity("mobile", self.mobile))


def change_of(data: Mapping[str, Raw], names: tuple[Identity, ...]) -> ProfileChange:
    """The change in a record's ``profileData``. Keys with ``null`` say nothing. Raises RecordRefused."""
    said: dict[str, Any] = {}
    values: dict[str, Raw] = {}
    steps: list[Step] = []
    for key, raw in data.items():
        value = _decode(raw)
        if value is None:
            continue
        if key in {"Name", "Email", "Phone", "identity"}:
            said[key] = value
        elif isinstance(value, dict):
            steps.append(_step(key, value))
        else:
            _check_property(key, value)
            values[key] = raw
    further = _further_identity(said.get("identity"))
    return ProfileChange(
        reference=CustomerReference(identities=names if further is None or further in names else (*names, further)),
        name=_name(said["Name"]) if "Name" in said else None,
        email=_email(said["Email"]) if "Email" in said else None,
        mobile=_phone(said["Phone"]) if "Phone" in said else None,
        values=values,
        steps=tuple(steps),
    )


def changed_properties(properties: Raw, change: ProfileChange) -> Raw:
    """The customer's ``properties`` after ``change``; what it does not name stays byte for byte.

    Raises RecordRefused where the outcome cannot be stored; then nothing of the change counts.
    """
    if not change.values and not change.steps:
        return properties
    members = {**_members(properties), **change.values}
    for step in change.steps:
        current = _decode(members[step.key]) if step.key in members else None
        outcome = _outcome(step, current)
        if outcome is None:
            members.pop(step.key, None)
        else:
            members[step.key] = Raw(_encode(outcome))
    return Raw(_encode(members))


def _outcome(step: Step, current: Any) -> Any:
    """The property's value after ``step``; None when it is gone."""
    several = current if isinstance(current, list) else [] if current is None else [current]
    match step.operation:
        case "$delete":
            return None
        case "$set":
            return step.operand
        case "$add":
            united = several + [each for each in step.operand if each not in several]
            if len(united) > MOST_VALUES:
                raise verdicts.profile_incorrect(f"{step.key} would have more than {MOST_VALUES} values")
            return united
        case "$remove":
            return [each for each in several if each not in step.operand] or None
        case "$incr" | "$decr":
            base = current if _is_number(current) else 0
            total = base + step.operand if step.operation == "$incr" else base - step.operand
            if not math.isfinite(total) or abs(total) > _LARGEST_STEP:
                raise verdicts.profile_incorrect(f"{step.key} would be out of range")
            return total


def _step(key: str, value: Mapping[str, Any]) -> Step:
    if len(value) != 1:
        raise verdicts.profile_incorrect(f"{key} should be one value or one operator")
    operation, operand = next(iter(value.items()))
    _check(check_key, key, FORBIDDEN_IN_PROFILES)
    match operation:
        case "$add" | "$remove" | "$set":
            _check(check_values, key, operand)
        case "$incr" | "$decr":
            if not _is_number(operand) or not abs(operand) <= _LARGEST_STEP:
                raise verdicts.profile_incorrect(f"{key} : {operation} needs a number")
        case "$delete":
            pass
        case _:
            raise verdicts.profile_incorrect(f"{key} has an unknown operator")
    return Step(key, operation, operand)


def _check_property(key: str, value: Any) -> None:
    _check(check_key, key, FORBIDDEN_IN_PROFILES)
    if key in _CHOICES:
        allowed, code, text = _CHOICES[key]
        if not isinstance(value, str) or value not in allowed:
            raise verdicts.profile_field(code, text)
    elif key == "Age":
        if not _is_number(value) or not 0 <= value <= 150:
            raise verdicts.profile_field(520, "Age is not valid.")
    elif isinstance(value, list):
        _check(check_values, key, value)
    else:
        _check(check_scalar, key, value)


def _check(check: Any, *arguments: object) -> None:
    try:
        check(*arguments)
    except Unacceptable as error:
        raise verdicts.profile_incorrect(str(error)) from error


def _name(value: Any) -> str:
    text = str(value) if _is_number(value) else value
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_NAME or "\0" in text:
        raise verdicts.profile_incorrect("Name is not valid")
    return text


def _email(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_EMAIL or not _EMAIL.fullmatch(value.strip()):
        raise verdicts.profile_field(515, "Email is not valid.")
    return comparable_email(value)


def _phone(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    digits = text.translate(_PHONE_FILLERS) if isinstance(text, str) else ""
    if not _PHONE.fullmatch(digits):
        raise verdicts.profile_field(516, "Phone number is not valid.")
    return digits.removeprefix("+")


def _further_identity(value: Any) -> Identity | None:
    if value is None:
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not identities.is_usable(text):
        raise verdicts.nobody()
    return identities.external(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
