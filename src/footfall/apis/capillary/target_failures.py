"""What is wrong with a wish about targets, in the product's codes (contracts/capillary.md 5.8)."""

from collections.abc import Iterator
from contextlib import contextmanager

from footfall.apis.capillary.body import V3_INVALID_INPUT
from footfall.apis.capillary.errors import CapillaryError
from footfall.targets.failure import Reason, TargetFailure

_CODES: dict[Reason, tuple[int, int, str]] = {
    "unknown_customer": (400, 310011, "Invalid userId"),
    "unknown_group": (400, 310017, "Target group not found or deactivated"),
    "unknown_rule": (400, 310018, "Target rule not found"),
    "unknown_period": (400, 310019, "Target period not found"),
    "kind_not_counted": (400, 310033, "targetEntity and targetType do not fit together"),
    "field_missing": (
        400,
        310094,
        "Target rule metadata is required in case of EXTENDED_FIELD/ALTERNATE_CURRENCIES target type",
    ),
    "name_taken": (400, 310069, "Target group name already exists"),
    "rule_of_another_group": (400, 310079, "target rule id doesn't belong to target group"),
    "already_enrolled": (400, 310119, "User already enrolled for the target"),
    "not_enrolled": (500, 310126, "User is not enrolled to this target"),  # 500 is the product's own choice
    "nothing_recorded": (400, 310149, "No record found in user target for given UserId and TargetId"),
}


def invalid(detail: str) -> CapillaryError:
    """The error for a value that cannot be, or is not served."""
    return CapillaryError(400, V3_INVALID_INPUT, f"Invalid input: {detail}")


def error_of(failure: TargetFailure) -> CapillaryError:
    """The product's error for ``failure``."""
    if failure.reason == "invalid":
        return invalid(failure.detail)
    return CapillaryError(*_CODES[failure.reason])


@contextmanager
def told_in_codes() -> Iterator[None]:
    """Turns a TargetFailure raised inside into the product's error."""
    try:
        yield
    except TargetFailure as failure:
        raise error_of(failure) from failure
