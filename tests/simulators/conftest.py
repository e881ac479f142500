"""Practice orgs for the tests, in a child process, over real sockets."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from salesforce_clients import client_for

from qontakmig.simulators import serve


@pytest.fixture(scope="session")
def salesforce_orgs() -> Iterator[dict[str, Any]]:
    """The sandbox and the production org, shared by all tests: each makes rows of its own."""
    with serve.start(["salesforce", "salesforce_production"], seed=5) as running:
        yield running.info


@pytest.fixture(scope="session")
def sandbox(salesforce_orgs: dict[str, Any]) -> dict[str, Any]:
    return salesforce_orgs["salesforce"]


@pytest.fixture(scope="session")
def rest(sandbox: dict[str, Any]) -> Iterator[httpx.Client]:
    with client_for(sandbox) as client:
        yield client


@pytest.fixture
def control(sandbox: dict[str, Any]) -> Iterator[httpx.Client]:
    """The sandbox's control plane, put back as it was afterwards."""
    with httpx.Client(base_url=sandbox["control_url"], timeout=20) as client:
        before = client.get("switches").json()
        yield client
        changed = client.get("switches").json()
        client.post("switches", json={k: v for k, v in before.items() if changed[k] != v})
        client.delete("faults")
        client.post("clock", json={"offset_seconds": 0})
