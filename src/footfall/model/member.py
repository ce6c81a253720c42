"""Members: people who act for a customer that is a team."""

from typing import Literal, get_args

import msgspec

Role = Literal["owner", "billing_manager", "member"]
ROLES: tuple[Role, ...] = get_args(Role)


class Member(msgspec.Struct, frozen=True):
    """One person of one customer (by number); the e-mail address is unique among the customer's members."""

    id: bytes
    workspace: int
    customer: int
    email: str
    name: str | None
    external_id: str | None
    role: Role
    created_at: int
    modified_at: int | None
