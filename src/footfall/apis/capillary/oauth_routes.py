"""``POST /v3/oauth/token/generate`` (contracts/capillary.md 1.3)."""

import msgspec
from litestar import Response, post

from footfall.apis.capillary import body
from footfall.apis.capillary.auth import token_for
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import TokenAnswer, TokenData, TokenRequest
from footfall.apis.http import AnyRequest, respond
from footfall.apis.openapi import answer_of
from footfall.apis.services import services_of

_decoder = msgspec.json.Decoder(TokenRequest)


@post(
    "/v3/oauth/token/generate",
    tags=["Capillary"],
    summary="A token for a client's key and secret",
    status_code=200,
    responses={200: answer_of(TokenAnswer, "The token, for the header X-CAP-API-OAUTH-TOKEN")},
    operation_class=described(body={"key": "...", "secret": "..."}, is_open=True),
)
async def generate_token(request: AnyRequest) -> Response[bytes]:
    """Takes `{"key", "secret"}`; needs no authentication. Each call gives a token of its own."""
    asked = await body.read(request, _decoder)
    token = await token_for(services_of(request), asked.key, asked.secret)
    if token is None:
        raise CapillaryError(401, 401, "Failed to generate OAuth token")
    return respond(TokenAnswer(TokenData(token.access_token, token.ttl_seconds)))
