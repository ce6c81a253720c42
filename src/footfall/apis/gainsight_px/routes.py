"""Routes."""

from litestar import Router

from footfall.apis.gainsight_px.errors import answer

PATHS: tuple[str, ...] = ("/v1/",)
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""


def router() -> Router:
    """All routes of this product."""
    return Router(path="/", route_handlers=[], exception_handlers={Exception: answer})
