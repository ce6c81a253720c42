"""Hot routes, answered without the framework's machinery.

To find a route, bind its parameters and wrap its answer takes the framework longer than a hot read takes in all.
This stands in front of it. For a request that a route marked ``direct=True`` answers, it calls what the framework
would call (the route's hook before, its function, its hook after, its errors' answer), and nothing else. Such a route
is registered and documented as any other, and its function cannot tell the difference. Whatever is unusual is left to
the framework: other methods, doubled or last slashes, strange characters in the path or the host.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Method, Receive, Scope, Send

from footfall.apis.http import Answer, AnyRequest

_PLAIN = "[A-Za-z0-9_.~-]+"
_HOST = re.compile(rb"[A-Za-z0-9.-]*(?::[0-9]*)?")

Hook = Callable[..., Awaitable[Any]]


class _Route(msgspec.Struct, frozen=True, kw_only=True):
    """What the framework would call for a request."""

    handler: HTTPRouteHandler
    template: str
    parameters: dict[str, str]  # of the path: the group of the pattern that holds each
    arguments: tuple[str, ...]  # the parameters that the function takes as arguments
    before: Hook | None
    after: Hook | None
    failed: Callable[[AnyRequest, Exception], Response[bytes]]


class Direct:
    """The application, with its hot routes in front."""

    def __init__(self, app: Litestar) -> None:
        """Raises ImproperlyConfiguredException for a route that needs more of the framework than is done here."""
        self._app = app
        self._routes: dict[str, _Route] = {}
        self._patterns: dict[Method, re.Pattern[str]] = {}
        routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
        patterns: dict[Method, list[str]] = {}
        for route in routes:
            for handler in route.route_handlers:
                if handler.opt.get("direct"):
                    group = f"r{len(self._routes)}"
                    self._routes[group] = _route_of(route, handler, group)
                    for method in handler.http_methods:
                        patterns.setdefault(method, []).append(f"(?P<{group}>{_pattern(route, routes, group)})")
        for method, alternatives in patterns.items():
            self._patterns[method] = re.compile("|".join(alternatives))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if (found := self._find(scope)) is None:
            await self._app(scope, receive, send)
            return
        route, parameters = found
        scope["app"] = scope["litestar_app"] = self._app
        scope["route_handler"] = route.handler
        scope["path_template"] = route.template
        scope["path_params"] = parameters
        scope.setdefault("state", {})
        request: AnyRequest = Request(scope, receive, send)
        try:
            answer = await route.before(request) if route.before is not None else None
            if answer is None:
                answer = await route.handler.fn(request=request, **{name: parameters[name] for name in route.arguments})
            if isinstance(answer, Answer):
                response = (answer if route.after is None else await route.after(answer)).encoded()
            else:
                response = await route.handler.to_response(app=self._app, data=answer, request=request)
        except Exception as error:  # noqa: BLE001  (the product tells what it was)
            response = route.failed(request, error).to_asgi_response(app=None, request=request)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[_Route, dict[str, str]] | None:
        if scope["type"] != ScopeType.HTTP or scope.get("root_path"):
            return None
        pattern = self._patterns.get(scope["method"])
        match = None if pattern is None else pattern.fullmatch(scope["path"])
        if match is None or not _has_plain_host(scope):
            return None
        assert match.lastgroup is not None
        route = self._routes[match.lastgroup]
        return route, {name: match[group] for name, group in route.parameters.items()}


def _has_plain_host(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"host":
            return _HOST.fullmatch(value) is not None
    return True


def _route_of(route: HTTPRoute, handler: HTTPRouteHandler, group: str) -> _Route:
    needs = (
        handler.resolve_guards(),
        handler.resolve_middleware(),
        handler.resolve_dependencies(),
        handler.resolve_response_headers(),
        handler.resolve_response_cookies(),
        handler.resolve_after_response(),
        handler.resolve_return_dto(),
        handler.has_sync_callable,
        [parameter for parameter in route.path_parameters.values() if parameter.type is not str],
    )
    if any(needs):
        raise ImproperlyConfiguredException(f"{route.path} needs more of the framework than a direct route gets")
    names = tuple(route.path_parameters)
    after: list[Any] = [layer.after_request for layer in handler.ownership_layers if layer.after_request]
    return _Route(
        handler=handler,
        template=route.path_format,
        parameters={name: f"{group}_{name}" for name in names},
        arguments=tuple(name for name in names if name in handler.parsed_fn_signature.parameters),
        before=handler.resolve_before_request(),
        after=after[-1] if after else None,
        failed=handler.resolve_exception_handlers()[Exception],
    )


def _pattern(route: HTTPRoute, routes: Sequence[HTTPRoute], group: str) -> str:
    """The route's path as a pattern. A parameter is nothing that another route has as a word in its place."""
    pattern = ""
    shape = _shape(route)
    for position, component in enumerate(route.path_components):
        if isinstance(component, str):
            pattern += f"/{re.escape(component)}"
            continue
        words = {
            _shape(other)[position]
            for other in routes
            if len(_shape(other)) > position and _shape(other)[:position] == shape[:position]
        }
        others = "|".join(re.escape(word) for word in sorted(word for word in words if word is not None))
        other = f"(?!(?:{others})(?:/|$))" if others else ""
        pattern += f"/{other}(?P<{group}_{component.name}>{_PLAIN})"
    return pattern


def _shape(route: HTTPRoute) -> tuple[str | None, ...]:
    """The words of a route's path; None stands for a parameter."""
    return tuple(component if isinstance(component, str) else None for component in route.path_components)
