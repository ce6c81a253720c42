"""Traces, sent to a collector that listens on a port."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import Databases, start_server

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Collector(HTTPServer):
    """Keeps the spans that it is sent."""

    spans: list[Span]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans = []


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = ExportTraceServiceRequest.FromString(body)
        self.server.spans += [
            span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
        ]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_requests_are_traced_where_a_collector_is_named(databases: Databases, collector: Collector) -> None:
    server = start_server(
        databases.new_url(),
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
        OTEL_EXPORTER_OTLP_COMPRESSION="none",
    )
    try:
        httpx.get(f"{server.url}/1/events.json", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    finally:
        server.stop()  # sends what has not been sent

    (span,) = [span for span in collector.spans if span.trace_id.hex() == TRACE]
    assert span.name == "GET clevertap"
    assert span.parent_span_id.hex() == "00f067aa0ba902b7"
    attributes = {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
    assert attributes["url.path"] == "/1/events.json"
    assert attributes["http.response.status_code"] == 401
