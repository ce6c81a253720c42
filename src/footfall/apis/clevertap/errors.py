"""Errors, and the one place that turns them into this product's envelope."""

from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest, respond


def answer(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    failure = classify(error)
    return respond({"error": failure.message}, failure.status, failure.headers)
