"""How parameters, bodies and answers are described in the OpenAPI document.

Requests are read by hand, so that a wrong one is told in its product's own words; to the framework they are only
described, with these.
"""

from types import UnionType
from typing import Any, cast

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Parameter, Reference, RequestBody, Schema

JSON = "application/json"
TEXT = Schema(type=OpenAPIType.STRING)
OBJECT = Schema(type=OpenAPIType.OBJECT)
ARRAY = Schema(type=OpenAPIType.ARRAY)


NOTHING = ResponseSpec(None, generate_examples=False, description="Done; no body")
"""The answer without a body."""


def answer_of(container: type[Any] | UnionType, description: str) -> ResponseSpec:
    """An answer's body. No made-up examples: they would be random, and JSON that is passed through has none."""
    return ResponseSpec(cast("type[Any]", container), generate_examples=False, description=description)


def header(name: str, description: str, *, required: bool = True) -> Parameter:
    """A header."""
    return Parameter(name=name, param_in="header", required=required, description=description, schema=TEXT)


def query(name: str, description: str, schema: Schema | OpenAPIType = TEXT, *, required: bool = False) -> Parameter:
    """A query parameter; ``schema`` may be a plain type."""
    shown = schema if isinstance(schema, Schema) else Schema(type=schema)
    return Parameter(name=name, param_in="query", required=required, description=description, schema=shown)


def in_path(name: str) -> Parameter:
    """A path parameter."""
    return Parameter(name=name, param_in="path", required=True, schema=TEXT)


def json_body(schema: Schema = OBJECT, *, example: object = None, description: str | None = None) -> RequestBody:
    """A JSON body."""
    examples: dict[str, Example | Reference] | None = None if example is None else {"example": Example(value=example)}
    media = OpenAPIMediaType(schema=schema, examples=examples)
    return RequestBody(required=True, description=description, content={JSON: media})
