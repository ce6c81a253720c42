"""The server as a whole."""

import httpx


def test_a_started_server_is_alive_and_ready(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ready"}


def test_the_openapi_document_has_a_section_per_product(http: httpx.Client) -> None:
    document = http.get("/schema/openapi.json").json()

    tags = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert tags == {"Capillary", "Gainsight PX", "CleverTap", "Rapidly", "Footfall", "Server"}
    for path, method in (
        ("/v2/events/event_data", "get"),
        ("/v3/users/{user_id}/trackedTargetEvents/{target_rule_id}", "get"),
        ("/v1/events/custom", "get"),
        ("/1/events.json", "post"),
        ("/1/events.json", "get"),
        ("/api/events/{id}", "get"),
    ):
        operation = document["paths"][path][method]
        assert operation["summary"]
        assert operation["responses"]["200"]["content"], path


def test_the_reference_page_shows_every_product_and_loads_nothing_from_elsewhere(http: httpx.Client) -> None:
    page = http.get("/schema")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for product in ("Capillary", "Gainsight PX", "CleverTap", "Rapidly", "Footfall"):
        assert f">{product}</h2>" in page.text
    assert "/v1/events/custom" in page.text
    assert "<script" not in page.text
    assert "https://" not in page.text.split("<body>")[0]
