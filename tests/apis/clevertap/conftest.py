import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.apis.clevertap.account import Account


@pytest.fixture
def account(http: httpx.Client, workspace: NewWorkspace) -> Account:
    """A fresh account in UTC."""
    return Account(http, workspace)


@pytest.fixture
def other_account(http: httpx.Client, other_workspace: NewWorkspace) -> Account:
    """A second tenant on the same server."""
    return Account(http, other_workspace)
