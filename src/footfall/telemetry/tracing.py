"""Traces by OpenTelemetry, where its own variables name a collector (``OTEL_EXPORTER_OTLP_ENDPOINT``)."""

from litestar.types import HTTPScope
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from footfall import __version__


class Tracing:
    """Spans of requests, sent in batches by a thread of their own."""

    def __init__(self) -> None:
        resource = Resource.create({"service.name": "footfall", "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("footfall", __version__)

    def begin(self, scope: HTTPScope, product: str) -> object:
        """The span of a request, which goes on with its sender's trace if it names one (``traceparent``)."""
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return self._tracer.start_span(
            f"{scope['method']} {product}",
            context=extract(sent),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": scope["method"],
                "url.path": scope["path"],
                "footfall.product": product,
            },
        )

    def end(self, span: object, status: int) -> None:
        """Its end; a status of 500 or more, or none, is an error."""
        assert isinstance(span, Span)
        span.set_attribute("http.response.status_code", status)
        if status == 0 or status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def close(self) -> None:
        """Sends what has not been sent."""
        self._provider.shutdown()
