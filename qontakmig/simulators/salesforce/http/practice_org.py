"""The Salesforce practice orgs, one sandbox and one production, as the kit serves them."""

from __future__ import annotations

from typing import Any

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.kit.practice_org import PracticeOrg


class SalesforceOrg(PracticeOrg):
    """What both have in common; ``sandbox`` tells them apart."""

    tls = True
    sandbox = True

    def details(self) -> dict[str, Any]:
        return {"sandbox": self.sandbox}

    def handle(self, request: Request) -> Response:
        return Response.json([{"errorCode": "NOT_FOUND"}], 404)


class SalesforceSandbox(SalesforceOrg):
    name = "salesforce"


class SalesforceProduction(SalesforceOrg):
    name = "salesforce_production"
    sandbox = False
