"""Routes: signing in and out, and the files that pages refer to."""

import secrets

from litestar import Response, get, post

from footfall.apis.http import Answer, AnyRequest, RouteHandlers
from footfall.apis.services import services_of
from footfall.console.failures import NotSignedIn, NotThere
from footfall.console.files import FILES
from footfall.console.rendering import SECURITY, page, redirect
from footfall.console.session import (
    COOKIE,
    HOURS,
    LOGIN_COOKIE,
    cookie_of,
    csrf_of,
    form_of,
    session_of,
    set_cookie,
    sign_in,
)

_KEPT = {**SECURITY, "Cache-Control": "public, max-age=31536000, immutable"}
_SECONDS_TO_SIGN_IN = 3600


@get("/console/login", include_in_schema=False)
async def show_login(request: AnyRequest) -> Response[bytes]:
    """The form; whoever is signed in already goes on to the overview."""
    try:
        await session_of(request)
    except NotSignedIn:
        return _form(request, "")
    return redirect("/console")


@post("/console/login", include_in_schema=False)
async def log_in(request: AnyRequest) -> Response[bytes]:
    """Opens a session for a Footfall token."""
    form = await form_of(request, LOGIN_COOKIE)
    cookie = await sign_in(services_of(request), form.get("token", "").strip())
    if cookie is None:
        return _form(request, "This is not a live Footfall token.", status=401)
    return redirect("/console", set_cookie(request, COOKIE, cookie, HOURS * 3600))


@post("/console/logout", include_in_schema=False)
async def log_out(request: AnyRequest) -> Response[bytes]:
    """Forgets the session in this browser."""
    await form_of(request)
    return redirect("/console/login", set_cookie(request, COOKIE, "", 0))


@get("/console/static/{name:str}", include_in_schema=False)
async def static_file(name: str) -> Response[bytes]:
    """A style sheet or a script, for good: its address changes with its content."""
    found = FILES.get(name)
    if found is None:
        raise NotThere("There is no such file.")
    return Answer(found.content, media_type=found.media_type, headers=_KEPT)


def _form(request: AnyRequest, problem: str, status: int = 200) -> Response[bytes]:
    """The form, bound to the visitor by a cookie: nobody else can sign him in to a workspace of theirs."""
    cookie = cookie_of(request, LOGIN_COOKIE) or secrets.token_urlsafe(24)
    headers = set_cookie(request, LOGIN_COOKIE, cookie, _SECONDS_TO_SIGN_IN) if cookie.isascii() else {}
    return page(
        "login.html",
        status=status,
        headers=headers,
        title="Sign in",
        problem=problem,
        csrf=csrf_of(services_of(request), cookie),
    )


HANDLERS: RouteHandlers = [show_login, log_in, log_out, static_file]
