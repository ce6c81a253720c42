"""Two dialects of one contract: Rapidly's own below ``/api``, and Polar's, of which Rapidly is a fork, below ``/v1``.

They differ in words, in one status and in the envelope of lists (contracts/rapidly.md 9); everything else is the same.
"""

from typing import Literal

import msgspec

from footfall.apis.http import AnyRequest


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one dialect."""

    name: Literal["rapidly", "polar"]
    root: str
    realm: str
    tenant: str  # what a workspace is called
    rule_error: str  # the name of a 422 that a well-formed request gets
    ingested: int  # status

    @property
    def tenant_id(self) -> str:
        """The name of a workspace's id in bodies and queries."""
        return f"{self.tenant}_id"

    @property
    def is_polar(self) -> bool:
        """Whether it is Polar's."""
        return self.name == "polar"


RAPIDLY = Dialect(
    name="rapidly",
    root="/api",
    realm="rapidly",
    tenant="workspace",
    rule_error="RequestValidationError",
    ingested=201,
)
POLAR = Dialect(
    name="polar",
    root="/v1",
    realm="polar",
    tenant="organization",
    rule_error="PolarRequestValidationError",
    ingested=200,
)


def dialect_of(request: AnyRequest) -> Dialect:
    """The dialect that the request speaks: its path tells."""
    return POLAR if request.scope["path"].startswith("/v1/") else RAPIDLY
