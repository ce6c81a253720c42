"""Visitors."""

from collections.abc import Iterator

import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Server
from tests.console.visitor import Visitor


@pytest.fixture
def stranger(server: Server) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    visitor = Visitor(server.url)
    yield visitor
    visitor.close()


@pytest.fixture
def visitor(server: Server, workspace: NewWorkspace) -> Iterator[Visitor]:
    """Somebody signed in to ``workspace``."""
    visitor = Visitor(server.url)
    assert visitor.sign_in(workspace.footfall.token).status_code == 303
    yield visitor
    visitor.close()
