"""The systems that can stand at either end, and what each needs to be connected.

Pages draw their forms from ``fields`` and ``connections`` opens connectors from here, so a new
system is one entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class CredentialField:
    name: str
    label: Any
    secret: bool = False
    required: bool = False
    help: Any = ""
    placeholder: str = ""


@dataclass(frozen=True)
class System:
    key: str
    label: str
    role: Literal["source", "destination"]
    opens: Callable[..., Any]
    fields: tuple[CredentialField, ...]
    where: Any = ""
    practice_fields: tuple[CredentialField, ...] = ()
    """Asked as well in projects between practice orgs, never for a real account."""
    uploads: Any = ""
    """Label of the files that this system is read from; empty for systems behind an address."""

    def fields_asked(self, *, practice: bool) -> tuple[CredentialField, ...]:
        return self.fields + (self.practice_fields if practice else ())


def _qontak(config: dict[str, Any], secrets: dict[str, str], **hooks: Any) -> Any:
    from qontakmig.connectors.qontak.source import QontakSource

    return QontakSource(config, secrets, **hooks)


def _qontak_files(config: dict[str, Any], secrets: dict[str, str], **hooks: Any) -> Any:
    from qontakmig.connectors.qontak.export_files import ExportFilesSource

    return ExportFilesSource(config["folder"])


def _salesforce(config: dict[str, Any], secrets: dict[str, str], **hooks: Any) -> Any:
    from qontakmig.connectors.salesforce.target import SalesforceTarget

    return SalesforceTarget(config, secrets, **hooks)


SYSTEMS = {
    system.key: system
    for system in (
        System(
            "qontak",
            "Mekari Qontak",
            "source",
            _qontak,
            (
                CredentialField(
                    "base_url",
                    _("API address"),
                    placeholder="https://api.mekari.com",
                    required=True,
                    help=_("Mekari's gateway, unless your account still uses the old host."),
                ),
                CredentialField("crm_client_id", _("CRM client id"), required=True),
                CredentialField(
                    "crm_client_secret", _("CRM client secret"), secret=True, required=True
                ),
                CredentialField(
                    "chat_client_id",
                    _("Omnichannel client id"),
                    help=_("Optional here; users' e-mail addresses come from it."),
                ),
                CredentialField("chat_client_secret", _("Omnichannel client secret"), secret=True),
                CredentialField(
                    "sso_id",
                    _("SSO id of the acting user"),
                    help=_("An administrator's, or records of other teams stay invisible."),
                ),
            ),
            _("Mekari developer portal → Applications, scopes qontak-crm:all and qontak-chat:all"),
        ),
        System(
            "qontak_files",
            _("Qontak export files"),
            "source",
            _qontak_files,
            (),
            _("Qontak → Contacts, Companies or Deals → Export"),
            uploads=_("Exported files (CSV or XLSX)"),
        ),
        System(
            "salesforce",
            "Salesforce Sales Cloud",
            "destination",
            _salesforce,
            (
                CredentialField(
                    "base_url",
                    _("My Domain address"),
                    placeholder="https://acme--uat.sandbox.my.salesforce.com",
                    required=True,
                ),
                CredentialField("client_id", _("Consumer key of the External Client App")),
                CredentialField("client_secret", _("Consumer secret"), secret=True),
                CredentialField("refresh_token", _("Refresh token"), secret=True),
                CredentialField(
                    "access_token",
                    _("Access token"),
                    secret=True,
                    help=_("Instead of the app; works until it expires."),
                ),
            ),
            _("Salesforce Setup → External Client App Manager → New"),
            (
                CredentialField(
                    "ca_file",
                    _("Certificate file of the practice org"),
                    help=_("The path named ca_file in the first line of manage.py simulate."),
                ),
            ),
        ),
    )
}


def destinations() -> list[System]:
    return [system for system in SYSTEMS.values() if system.role == "destination"]
