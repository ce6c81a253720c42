"""Hot routes in front of the framework: the same answers, byte for byte."""

import asyncio
from typing import Any

import pytest
from litestar import Litestar, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from footfall.apis.direct import Direct
from footfall.apis.http import Answer, AnyRequest, read_body, respond


def application(*, direct: bool) -> Litestar:
    @get("/things/{id:str}", direct=direct)
    async def thing(request: AnyRequest) -> Response[bytes]:
        return respond({"thing": request.path_params["id"], "before": request.scope["state"]["before"]})

    @get("/things/{owner:str}/of/{kind:str}", direct=direct)
    async def of_kind(request: AnyRequest, owner: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
        if kind == "broken":
            raise KeyError(kind)
        if kind == "missing":
            raise NotFoundException(detail=owner)
        return respond([owner, kind, request.scope["path_template"]])

    @get("/things/all")
    async def everything() -> str:
        return "all"

    @get("/things/{id:str}/of/all")
    async def all_of(id: FromPath[str]) -> str:  # noqa: A002
        return f"all of {id}"

    @get("/plain", direct=direct)
    async def plain(request: AnyRequest) -> Response[bytes]:
        return Response(request.method.encode(), media_type="text/plain", headers={"X-Plain": "yes"})

    @post("/plain", direct=direct)
    async def make_plain(request: AnyRequest) -> Response[bytes]:
        return Response(request.method.encode())

    @post("/things", direct=direct, status_code=201)
    async def make(request: AnyRequest) -> Response[bytes]:
        return Answer(await read_body(request, 100), status_code=201)

    async def before(request: AnyRequest) -> Response[bytes] | None:
        request.scope["state"]["before"] = True
        return respond("stopped", 307) if "stop" in request.scope["path"] else None

    async def after(response: Response[bytes]) -> Response[bytes]:
        response.headers["x-after"] = "yes"
        return response

    def failed(_request: AnyRequest, error: Exception) -> Response[bytes]:
        return respond({"failed": repr(error)}, 418, {"X-Failed": "yes"})

    handlers = [thing, of_kind, everything, all_of, plain, make_plain, make]
    router = Router("/", route_handlers=handlers, before_request=before, after_request=after)
    return Litestar([router], openapi_config=None, exception_handlers={Exception: failed})


async def answer_of(app: Any, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append({**message, "headers": sorted(message.get("headers", []))})

    scope: Any = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": headers,
        "client": None,
        "server": None,
        "state": {},
    }
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/things/a-1",
        "/things/a-1/",
        "//things/a-1",
        "/things//a-1",
        "/things/all",
        "/things/alles",
        "/things/ä b",
        "/things/stop",
        "/things/x/of/y",
        "/things/x/of/all",
        "/things/x/of/missing",
        "/things/x/of/broken",
        "/things/x/of",
        "/things",
        "/plain",
        "/other",
    ],
)
def test_a_direct_route_answers_as_the_framework_would(method: str, path: str) -> None:
    for headers in ([], [(b"host", b"localhost:80")], [(b"host", b"<strange>")]):
        through_framework = asyncio.run(answer_of(application(direct=False), method, path, headers, b"body"))
        directly = asyncio.run(answer_of(Direct(application(direct=True)), method, path, headers, b"body"))

        assert directly == through_framework


def test_a_direct_route_is_answered_without_the_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(direct=True)
    in_front = Direct(app)

    async def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(app, "asgi_handler", never)

    sent = asyncio.run(answer_of(in_front, "GET", "/things/a-1", [(b"host", b"localhost")], b""))

    assert sent[0]["status"] == 200
    assert sent[1]["body"] == b'{"thing":"a-1","before":true}'


def test_a_route_that_needs_more_of_the_framework_cannot_be_direct() -> None:
    def guard(_connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        """Lets everybody in."""

    @get("/guarded", direct=True, guards=[guard])
    async def guarded() -> str:
        return "in"

    with pytest.raises(ImproperlyConfiguredException):
        Direct(Litestar([guarded], openapi_config=None))
