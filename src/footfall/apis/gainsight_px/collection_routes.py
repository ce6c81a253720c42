"""Routes of what is made in the product itself and never here: features, segments, engagements, articles, bots.

Clients read them along with events (contracts/gainsight_px.md 3, end). There are none, told in each one's form.
"""

import re

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from footfall.apis.gainsight_px import schemas
from footfall.apis.gainsight_px.auth import authenticate
from footfall.apis.gainsight_px.documentation import WithKey
from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.http import AnyRequest, query_parameters, respond
from footfall.apis.openapi import answer_of

_NUMBER = re.compile(r"[0-9]{1,9}")
_FAILURES = {
    400: answer_of(schemas.ErrorAnswer, "Bad request"),
    401: answer_of(schemas.ErrorAnswer, "Unauthorized or bad API Key"),
    429: answer_of(schemas.ErrorAnswer, "Rate limit exceeded; see Retry-After"),
}


class _Collection(msgspec.Struct, frozen=True):
    path: str
    name: str
    largest_page: int


_COLLECTIONS = (
    _Collection("/v1/feature", "features", 200),
    _Collection("/v1/segment", "segments", 200),
    _Collection("/v1/engagement", "engagements", 500),
    _Collection("/v1/articles", "articleExternalViewList", 500),
    _Collection("/v1/kcbot", "kcList", 500),
)


def handlers() -> list[HTTPRouteHandler]:
    """All of these routes."""
    return [_handler(collection) for collection in _COLLECTIONS]


def _handler(collection: _Collection) -> HTTPRouteHandler:
    @get(
        collection.path,
        tags=["Gainsight PX"],
        operation_id=f"List{collection.name[0].upper()}{collection.name[1:]}",
        summary=f"{collection.name}: always empty",
        operation_class=WithKey,
        responses={200: answer_of(dict[str, object], "Success"), **_FAILURES},
    )
    async def list_none(request: AnyRequest) -> Response[bytes]:
        """Checks what is asked, as the product does, and finds nothing."""
        await authenticate(request, "read")
        given = {name: value for name, value in query_parameters(request) if value}
        size = given.get("pageSize", "1")
        if not _NUMBER.fullmatch(size) or not 1 <= int(size) <= collection.largest_page:
            raise BadRequest(f"Invalid pageSize '{size}': expected 1 to {collection.largest_page}")
        number = given.get("pageNumber", "0")
        if not _NUMBER.fullmatch(number):
            raise BadRequest(f"Invalid pageNumber '{number}'")
        return respond({collection.name: [], "pageNumber": int(number), "isLastPage": True})

    return list_none
