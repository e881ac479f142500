"""Allowances: daily API calls, bulk batches, storage; and what `/limits` answers.

Storage weights per row are in the Salesforce reference, section 7 ("Allowances").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import OrgError

if TYPE_CHECKING:
    from .org import Org

KB_PER_ROW = {"Campaign": 8, "CampaignMember": 1}
USUAL_KB = 2
WEIGHTLESS = frozenset(("OpportunityLineItem", "Pricebook2", "PricebookEntry", "Product2"))
FILES = frozenset(("ContentVersion", "ContentDocument", "ContentDocumentLink", "Attachment"))
API_CALLS = {
    "Developer Edition": 15_000,
    "Enterprise Edition": 115_000,
    "Professional Edition": 115_000,
    "Unlimited Edition": 175_000,
}
SANDBOX_API_CALLS = 5_000_000
CUSTOM_FIELDS = {
    "Developer Edition": 500,
    "Enterprise Edition": 500,
    "Professional Edition": 100,
    "Unlimited Edition": 800,
}
# Names and `Max` values as recorded on an org in May 2026 (reference, section 8).
OTHER = {
    "ConcurrentAsyncGetReportInstances": 200, "ConcurrentSyncReportRuns": 20,
    "ContentPublicationLimit": 200_000, "DailyAsyncApexExecutions": 250_000,
    "DailyBulkV2QueryFileStorageMB": 976_562, "DailyBulkV2QueryJobs": 10_000,
    "DailyDurableGenericStreamingApiEvents": 10_000, "DailyGenericStreamingApiEvents": 10_000,
    "DailyStandardVolumePlatformEvents": 10_000, "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 8_040, "FileStorageMB": 10_240, "HourlyAsyncReportRuns": 1_200,
    "HourlyDashboardRefreshes": 200, "HourlyDashboardResults": 5_000,
    "HourlySyncReportRuns": 500, "HourlyTimeBasedWorkflow": 1_000, "MassEmail": 10,
    "MaxContentDocumentsLimit": 30_000_000, "PermissionSets": 1_500, "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}  # fmt: skip


class Limits:
    """Counters of one org; `use` is called by the HTTP side for every API call."""

    def __init__(self, org: Org):
        self.org = org
        self.used = {"DailyApiRequests": 0, "DailyBulkApiBatches": 0, "DailyBulkV2QueryJobs": 0}

    @property
    def api_daily(self) -> int:
        override = self.org.switches["api_daily"]
        if override:
            return int(override)
        if self.org.sandbox:
            return SANDBOX_API_CALLS
        return API_CALLS.get(self.org.switches["edition"], 115_000)

    @property
    def custom_fields(self) -> int:
        return CUSTOM_FIELDS.get(self.org.switches["edition"], 500)

    def use(self, name: str = "DailyApiRequests", amount: int = 1) -> None:
        """Count a call; raises OrgError 403 when the daily allowance is gone."""
        most = self.api_daily if name == "DailyApiRequests" else self._maximum(name)
        if self.used.get(name, 0) + amount > most:
            text = (
                "TotalRequests Limit exceeded."
                if name == "DailyApiRequests"
                else (f"{name} Limit exceeded.")
            )
            raise OrgError(403, "REQUEST_LIMIT_EXCEEDED", text)
        self.used[name] = self.used.get(name, 0) + amount

    def _maximum(self, name: str) -> int:
        return 15_000 if name == "DailyBulkApiBatches" else OTHER.get(name, 0)

    def info(self) -> str:
        """The `Sforce-Limit-Info` header."""
        return f"api-usage={self.used['DailyApiRequests']}/{self.api_daily}"

    def _storage_kb(self) -> int:
        total = 0
        for name, table in self.org.tables.items():
            total += len(table.live) * self._weight(name)
        return total

    def _weight(self, name: str) -> int:
        sobject = self.org.schema.get(name)
        data = sobject and (sobject.about["triggerable"] or sobject.custom)
        if not data or name in WEIGHTLESS or name in FILES:
            return 0
        return KB_PER_ROW.get(name, USUAL_KB)

    def _storage_max_mb(self) -> int:
        return int(self.org.switches["storage"])

    def rows_left(self, name: str) -> int:
        """How many rows of an object still fit into data storage."""
        weight = self._weight(name)
        if not weight:
            return 1 << 40
        return max(0, (self._storage_max_mb() * 1024 - self._storage_kb()) // weight)

    def answer(self) -> dict[str, Any]:
        """`/limits`: name to Max and Remaining."""
        found = {
            name: {"Max": most, "Remaining": most - self.used.get(name, 0)}
            for name, most in OTHER.items()
        }
        for name in ("DailyApiRequests", "DailyBulkApiBatches"):
            most = self.api_daily if name == "DailyApiRequests" else self._maximum(name)
            found[name] = {"Max": most, "Remaining": most - self.used[name]}
        most = self._storage_max_mb()
        left = max(0, most - self._storage_kb() // 1024)
        found["DataStorageMB"] = {"Max": most, "Remaining": left}
        sets = len(self.org.tables["PermissionSet"].live)
        custom = {"Max": 1_000, "Remaining": 1_000 - sets}
        found["PermissionSets"] = {"Max": 1_500, "Remaining": 1_500 - sets, "CreateCustom": custom}
        return dict(sorted(found.items()))
