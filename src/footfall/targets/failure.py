"""What can be wrong with a wish about targets, in words of the model; each API has its own codes for these."""

from typing import Literal

Reason = Literal[
    "invalid",
    "kind_not_counted",  # of this entity, nothing of this type can be counted
    "field_missing",  # the rule's type counts a field, and it names none
    "unknown_customer",
    "unknown_group",
    "unknown_rule",
    "unknown_period",
    "rule_of_another_group",
    "name_taken",
    "already_enrolled",
    "not_enrolled",
    "nothing_recorded",
]


class TargetFailure(Exception):  # noqa: N818
    """The wish cannot be granted; ``detail`` says more where the reason alone does not."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail
