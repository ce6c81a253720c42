"""The OpenAPI document as one page for people: a section per product, plain HTML, nothing fetched from elsewhere.

The usual viewers load their program from a content network; a store of customer events should not.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

import msgspec
from litestar.openapi.plugins import OpenAPIRenderPlugin

from footfall.apis.http import AnyRequest

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
nav a { margin-right: 1rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .4rem .7rem; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.2rem; }
summary span { opacity: .75; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top; }
@media (max-width: 40rem) { summary span { display: block; } }
"""

Document = dict[str, Any]


class ReferencePage(OpenAPIRenderPlugin):
    """Serves the page at the root of the OpenAPI routes."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: AnyRequest, openapi_schema: Document) -> bytes:  # noqa: ARG002
        """The page for the document."""
        return reference_page(openapi_schema).encode()


def reference_page(document: Document) -> str:
    """HTML for an OpenAPI 3.1 ``document`` as plain dictionaries."""
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    sections = _sections(document)
    links = "".join(f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in sections)
    body = "".join(_section(tag, operations, document) for tag, operations in sections.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(info.get('description', ''))} The same for programs: "
        f'<a href="openapi.json">openapi.json</a>.</p><nav>{links}</nav>{body}</body></html>'
    )


def _sections(document: Document) -> dict[str, list[tuple[str, str, Document]]]:
    """The operations by their tag, tags and paths in alphabetical order."""
    found: dict[str, list[tuple[str, str, Document]]] = {}
    for path, item in sorted(document["paths"].items()):
        for method in _METHODS:
            if method in item:
                for tag in item[method].get("tags", ["Other"]):
                    found.setdefault(tag, []).append((path, method, item[method]))
    return dict(sorted(found.items()))


def _section(tag: str, operations: list[tuple[str, str, Document]], document: Document) -> str:
    shown = "".join(_operation(path, method, operation, document) for path, method, operation in operations)
    return f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>{shown}'


def _operation(path: str, method: str, operation: Document, document: Document) -> str:
    head = f"<b>{method.upper()}</b> <code>{escape(path)}</code> <span>{escape(operation.get('summary') or '')}</span>"
    parts = [f"<p>{escape(operation.get('description') or '')}</p>", _parameters(operation.get("parameters", []))]
    body = operation.get("requestBody")
    if body:
        parts.append(f"<h4>Body</h4>{_content(body, document)}")
    parts += [
        f"<h4>{escape(status)}: {escape(answer.get('description', ''))}</h4>{_content(answer, document)}"
        for status, answer in operation.get("responses", {}).items()
    ]
    return f"<details><summary>{head}</summary>{''.join(parts)}</details>"


def _parameters(parameters: list[Document]) -> str:
    if not parameters:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
        f"<td>{'required' if one.get('required') else ''}</td><td>{escape(one.get('description') or '')}</td></tr>"
        for one in parameters
    )
    return f"<table><tr><th>parameter</th><th>in</th><th></th><th></th></tr>{rows}</table>"


def _content(holder: Document, document: Document) -> str:
    shown = []
    for media_type, content in holder.get("content", {}).items():
        outline = msgspec.json.format(msgspec.json.encode(_outline(content.get("schema", {}), document, ())), indent=2)
        shown.append(f"<p><code>{escape(media_type)}</code></p><pre>{escape(outline.decode())}</pre>")
    return "".join(shown)


def _outline(schema: Document, document: Document, above: tuple[str, ...]) -> object:
    """A schema as an example shows it: names with the kind of value that stands there."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name in above:
            return name
        return _outline(document["components"]["schemas"][name], document, (*above, name))
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            outlines = [_outline(one, document, above) for one in schema[choice]]
            texts = [outline for outline in outlines if isinstance(outline, str)]
            return " or ".join(texts) if len(texts) == len(outlines) else next(_not_text(outlines))
    if "properties" in schema:
        return {name: _outline(member, document, above) for name, member in schema["properties"].items()}
    if "items" in schema:
        return [_outline(schema["items"], document, above)]
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(schema.get("format") or kind)


def _not_text(outlines: list[object]) -> Iterator[object]:
    return (outline for outline in outlines if not isinstance(outline, str))


def _anchor(tag: str) -> str:
    return escape(tag.lower().replace(" ", "-"))
