"""What the OpenAPI document says of this product."""

from typing import Any

import httpx
import pytest


@pytest.fixture
def operations(http: httpx.Client) -> dict[tuple[str, str], dict[str, Any]]:
    """This product's operations by method and path."""
    paths = http.get("/schema/openapi.json").json()["paths"]
    return {
        (method, path): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "Capillary" in operation["tags"]
    }


def test_every_operation_tells_its_failures_in_the_products_words(
    operations: dict[tuple[str, str], dict[str, Any]],
) -> None:
    assert len(operations) > 25
    for operation in operations.values():
        assert "product's code" in operation["responses"]["400"]["description"]
        assert "XML" in operation["responses"]["401"]["description"]


def test_every_operation_has_its_parameters_and_body(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    for (method, path), operation in operations.items():
        names = {parameter["name"] for parameter in operation["parameters"]}
        in_path = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert in_path <= names, path
        assert method not in {"post", "put"} or "event_name" in names or "requestBody" in operation, path


def test_the_tracked_events_name_all_their_parameters(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    operation = operations["get", "/v3/users/{user_id}/trackedTargetEvents/{target_rule_id}"]

    assert [parameter["name"] for parameter in operation["parameters"]] == [
        "user_id", "target_rule_id", "periodId", "limit", "offset", "Authorization", "X-CAP-API-OAUTH-TOKEN",
        "X-CAP-API-ATTRIBUTION-ENTITY-TYPE", "X-CAP-API-ATTRIBUTION-ENTITY-CODE",
    ]  # fmt: skip
