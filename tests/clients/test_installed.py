import subprocess

import pytest

from tests.clients import installed


@pytest.mark.parametrize(
    ("client", "module"),
    [
        ("tap_gainsightpx", "tap_gainsightpx.tap"),
        ("polar_sdk_0", "polar_sdk"),
        ("polar_sdk_1", "polar"),
        ("schemathesis", "schemathesis"),
    ],
)
def test_a_python_client_is_installed_in_a_place_of_its_own(client: str, module: str) -> None:
    python = installed.python(client) / "python"

    subprocess.run([str(python), "-c", f"import {module}"], check=True, timeout=60)


@pytest.mark.parametrize(
    ("client", "package"),
    [("clevertap_node", "clevertap"), ("polar_node_0", "@polar-sh/sdk"), ("polar_node_1", "@polar-sh/sdk/2026-04")],
)
def test_a_node_client_is_installed_in_a_place_of_its_own(client: str, package: str) -> None:
    place = installed.node(client)

    load = f"import({package!r}).then(() => console.log('loaded'))"
    ended = subprocess.run(
        [str(installed.node_program()), "-e", load], check=False, cwd=place, capture_output=True, text=True, timeout=60
    )

    assert ended.stdout.strip() == "loaded", ended.stderr
