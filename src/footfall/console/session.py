"""Who looks: a session in a signed cookie, and the tokens that keep other sites from posting in its name.

The cookie names the Footfall token's credential and never holds the token itself. Each request looks the credential
up (``tenancy.authentication``), so that revoking the token ends its sessions within a second. A form carries a value
that is derived from the cookie, which no other site can read.
"""

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

import msgspec

from footfall.apis.http import AnyRequest, header_text, read_body
from footfall.apis.services import Services, services_of
from footfall.console.failures import BadForm, NotSignedIn
from footfall.model import instant, signed_token
from footfall.model.secret import FOOTFALL_PREFIX, is_checked_token
from footfall.model.workspace import Principal, Workspace

COOKIE = "footfall_console"
LOGIN_COOKIE = "footfall_console_login"
HOURS = 12
_PURPOSE = "console.session"
_CSRF_PURPOSE = "console.forms"
_CSRF_LENGTH = 21  # of the signature alone: what is signed stays out of pages
_LARGEST_FORM = 64 * 1024
_MOST_FIELDS = 50

Form = dict[str, str]


class _Content(msgspec.Struct, array_like=True):
    """What the cookie says; ``expires_at`` is an instant."""

    workspace: int
    credential: bytes
    expires_at: int
    salt: bytes


class Session(msgspec.Struct, frozen=True):
    """A signed-in visitor; ``csrf`` goes into every form."""

    principal: Principal
    csrf: str

    @property
    def workspace(self) -> Workspace:
        """Whose events these are."""
        return self.principal.workspace


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Content).decode


async def session_of(request: AnyRequest) -> Session:
    """The session that the request's cookie proves, now. Raises NotSignedIn."""
    services = services_of(request)
    cookie = cookie_of(request, COOKIE)
    content = signed_token.verify(cookie, services.token_key, _PURPOSE) if cookie else None
    if content is None:
        raise NotSignedIn
    try:
        said = _decode(content)
    except msgspec.DecodeError as error:  # signed by another version of the server
        raise NotSignedIn from error
    if instant.now() >= said.expires_at:
        raise NotSignedIn
    principal = await services.authenticator.principal_of_credential(said.workspace, said.credential)
    if principal is None or principal.credential.kind != "footfall_token":
        raise NotSignedIn
    return Session(principal, csrf_of(services, cookie))


async def sign_in(services: Services, token: str) -> str | None:
    """The cookie of a new session; None when nobody's token is ``token``."""
    if not is_checked_token(token, FOOTFALL_PREFIX):
        return None
    principal = await services.authenticator.principal("footfall_token", "", token)
    if principal is None:
        return None
    content = _Content(
        principal.workspace.number,
        principal.credential.id,
        instant.now() + HOURS * instant.HOUR,
        secrets.token_bytes(16),
    )
    return signed_token.sign(_encode(content), services.token_key, _PURPOSE)


def csrf_of(services: Services, cookie: str) -> str:
    """What a form of the visitor with this cookie has to carry."""
    return signed_token.sign(cookie.encode(), services.token_key, _CSRF_PURPOSE)[:_CSRF_LENGTH]


async def form_of(request: AnyRequest, cookie_name: str = COOKIE) -> Form:
    """The fields of a posted form that this visitor was given. Raises BadForm."""
    body = await read_body(request, _LARGEST_FORM)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadForm from error
    form = dict(pairs)
    expected = csrf_of(services_of(request), cookie_of(request, cookie_name))
    if not hmac.compare_digest(form.pop("csrf", "").encode(), expected.encode()):
        raise BadForm
    return form


def cookie_of(request: AnyRequest, name: str) -> str:
    """The value of the cookie; empty where there is none."""
    try:
        found = SimpleCookie(header_text(request, b"cookie")).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value


def set_cookie(request: AnyRequest, name: str, value: str, seconds: int) -> dict[str, str]:
    """The header that sets a cookie for the console alone; 0 ``seconds`` take it away."""
    is_secure = request.scope["scheme"] == "https" or services_of(request).settings.public_url.startswith("https:")
    secure = "; Secure" if is_secure else ""
    return {
        "Set-Cookie": f"{name}={value}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
    }
