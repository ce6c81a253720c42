"""Routes: the workspace's credentials. A secret is on the page that answers its making, and nowhere else."""

from litestar import Response, get, post

from footfall.apis.http import AnyRequest, RouteHandlers
from footfall.apis.services import services_of
from footfall.console.failures import NotThere
from footfall.console.rendering import page, redirect
from footfall.console.session import Session, form_of, session_of
from footfall.model import identifiers, instant
from footfall.storage import workspaces
from footfall.tenancy.credentials import KINDS, InvalidCredential, IssuedCredential, issue


@get("/console/credentials", include_in_schema=False)
async def list_credentials(request: AnyRequest) -> Response[bytes]:
    """All of them, without secrets."""
    return await _page(request, await session_of(request))


@post("/console/credentials", status_code=200, include_in_schema=False)
async def create_credential(request: AnyRequest) -> Response[bytes]:
    """Makes one; the answer shows its secret, this once."""
    session = await session_of(request)
    form = await form_of(request)
    kind = next((known for known in KINDS if known == form.get("kind")), None)
    if kind is None:
        return await _page(request, session, problem="Choose a kind of credential.")
    name = form.get("name", "").strip() or None
    try:
        issued = await services_of(request).capture.change(issue, session.workspace, kind, name=name)
    except InvalidCredential as error:
        return await _page(request, session, problem=str(error))
    return await _page(request, session, issued=issued)


@post("/console/credentials/{credential_id:str}/revoke", include_in_schema=False)
async def revoke_credential(request: AnyRequest, credential_id: str) -> Response[bytes]:
    """Ends one; also the one that this session is signed in with, and the session with it."""
    session = await session_of(request)
    await form_of(request)
    services = services_of(request)
    key = identifiers.from_text(credential_id)
    now = instant.now()
    if key is None or not await services.capture.change(workspaces.revoke, session.workspace.number, key, now):
        raise NotThere("There is no such live credential.")
    services.authenticator.forget()
    return redirect("/console/credentials")


HANDLERS: RouteHandlers = [list_credentials, create_credential, revoke_credential]


async def _page(
    request: AnyRequest, session: Session, *, problem: str = "", issued: IssuedCredential | None = None
) -> Response[bytes]:
    found = await services_of(request).database.ask_long(workspaces.credentials_of, session.workspace.number)
    return page(
        "credentials.html",
        status=400 if problem else 200,
        session=session,
        section="credentials",
        title="Credentials",
        credentials=found[::-1],
        kinds=KINDS,
        problem=problem,
        issued=issued,
        now=instant.now(),
    )
