"""Practice orgs for the connectors' tests: started once, switched and reset by each test."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from qontakmig.connectors.qontak.source import QontakSource
from qontakmig.connectors.salesforce.target import SalesforceTarget
from qontakmig.simulators.serve import Running, start


class Control:
    """The control plane of one practice org."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.info = info
        self.before: dict[str, str] = {}

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.info["control_url"] + path, data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def fault(self, *texts: str) -> None:
        self.ask("faults", {"add": list(texts)})

    def switch(self, name: str, value: str) -> None:
        self.before.setdefault(name, self.ask("switches")[name])
        self.ask("switches", {name: value})

    def requests(self) -> list[dict[str, Any]]:
        return self.ask("journal?limit=100000")["requests"]

    def forget(self) -> None:
        """Lift faults, latency and clock offset, put switches back, forget the journal."""
        self.ask("faults", {"clear": True})
        self.ask("clock", {"offset_seconds": 0})
        self.ask("latency", {"milliseconds": 0})
        self.ask("switches", self.before)
        request = urllib.request.Request(self.info["control_url"] + "journal", method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture(scope="session")
def orgs() -> Iterator[Running]:
    sizes = {"contacts": 260, "companies": 120, "deals": 110}
    with start(["qontak", "salesforce", "salesforce_production"], seed=3, sizes=sizes) as running:
        yield running


def controlled(info: dict[str, Any]) -> Iterator[Control]:
    control = Control(info)
    yield control
    control.forget()


@pytest.fixture
def qontak_org(orgs: Running) -> Iterator[Control]:
    yield from controlled(orgs.info["qontak"])


@pytest.fixture
def salesforce_org(orgs: Running) -> Iterator[Control]:
    yield from controlled(orgs.info["salesforce"])


def qontak_secrets(info: dict[str, Any]) -> dict[str, str]:
    given = info["credentials"]
    return {
        f"{family}_{part}": given[family][part]
        for family in ("crm", "chat")
        for part in ("client_id", "client_secret")
    }


@pytest.fixture
def qontak(qontak_org: Control) -> Iterator[QontakSource]:
    info = qontak_org.info
    config = {
        "base_url": info["base_url"],
        "practice": True,
        "sso_id": info["credentials"]["sso_id"],
    }
    source = QontakSource(config, qontak_secrets(info))
    yield source
    source.close()


def salesforce_config(info: dict[str, Any]) -> dict[str, Any]:
    return {"base_url": info["base_url"], "practice": True, "ca_file": info["ca_file"]}


@pytest.fixture
def salesforce(salesforce_org: Control) -> Iterator[SalesforceTarget]:
    info = salesforce_org.info
    secrets = {"access_token": info["credentials"]["access_token"]}
    target = SalesforceTarget(salesforce_config(info) | {"sandbox": True}, secrets)
    yield target
    target.close()
