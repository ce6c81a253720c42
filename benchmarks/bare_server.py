"""The baseline: the same server and framework, doing nothing but answering.

``GET /fixed/N`` answers N bytes; ``POST /decode`` decodes a JSON body and answers a few bytes.
"""

from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get, post

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@get("/fixed/{size:int}")
async def fixed(size: int) -> Response[bytes]:
    """A body of a given size."""
    return Response(b"x" * size, media_type="application/json")


@post("/decode", status_code=200)
async def decode(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Reads and decodes the body."""
    _decode(await request.body())
    return Response(b'{"status":"ok"}', media_type="application/json")


app = Litestar([fixed, decode], openapi_config=None)
