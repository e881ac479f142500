"""Practice orgs for the tests, in a child process, over real sockets."""

import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from qontakmig.simulators import serve

API = "/services/data/v62.0"


@pytest.fixture(scope="session")
def salesforce_orgs() -> Iterator[dict[str, Any]]:
    """The sandbox and the production org, shared by all tests: each makes rows of its own."""
    with serve.start(["salesforce", "salesforce_production"], seed=5) as running:
        yield running.info


@pytest.fixture(scope="session")
def sandbox(salesforce_orgs: dict[str, Any]) -> dict[str, Any]:
    return salesforce_orgs["salesforce"]


def client_for(info: dict[str, Any], **options: Any) -> httpx.Client:
    """A client with a session, by https and the org's own authority."""
    tls = ssl.create_default_context(cafile=info["ca_file"])
    token = info["credentials"]["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    return httpx.Client(
        base_url=info["base_url"], verify=tls, headers=headers, timeout=20, **options
    )


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


def until(check: Callable[[], Any], seconds: float = 10) -> Any:
    """Return what ``check`` returns once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")
