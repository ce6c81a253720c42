"""Pages: templates that escape whatever they are given, and the headers that every page has."""

from collections.abc import Mapping
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response

from footfall.apis.http import Answer
from footfall.console import files
from footfall.model import amount, identifiers, instant

HTML = "text/html; charset=utf-8"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE = {**SECURITY, "Cache-Control": "no-store"}


def page(name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **content: Any) -> Response[bytes]:
    """The template ``name``, filled. Without a ``session`` it shows no navigation."""
    text = _templates.get_template(name).render({"session": None, "section": "", **content})
    body = text.encode("utf-8", "replace")
    return Answer(body, status_code=status, media_type=HTML, headers={**_PAGE, **(headers or {})})


def redirect(location: str, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """To another page of the console, to be read by GET."""
    return Answer(b"", status_code=303, media_type=HTML, headers={**_PAGE, "Location": location, **(headers or {})})


def moment(at: int | None) -> str:
    """An instant for people: UTC, to the second, or to the fraction that it has."""
    if at is None:
        return "-"
    return instant.utc_text(at).replace("T", " ") if instant.is_showable(at) else str(at)


def readable(content: bytes) -> str:
    """JSON with a member on each line, its numbers as they are spelt."""
    try:
        return msgspec.json.format(content, indent=2).decode()
    except (msgspec.DecodeError, RecursionError):
        return content.decode("utf-8", "replace")


def _count(number: int) -> str:
    return f"{number:,}"


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("footfall.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "moment": moment,
        "readable": readable,
        "count": _count,
        "uuid": identifiers.to_text,
        "amount": amount.to_text,
    }
    made.globals["file"] = files.address
    return made


_templates = _environment()
