"""What a practice org says of itself, as the settings of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def connection_settings(
    system: str, info: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return (config, credentials) for ``connection_save`` from one entry of serve's first line."""
    return READERS[system](info, info["credentials"])


def _qontak(info: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    config = {
        "base_url": info["base_url"],
        "crm_client_id": given["crm"]["client_id"],
        "chat_client_id": given["chat"]["client_id"],
        "sso_id": given["sso_id"],
    }
    return config, {
        "crm_client_secret": given["crm"]["client_secret"],
        "chat_client_secret": given["chat"]["client_secret"],
    }


def _salesforce(info: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    config = {
        "base_url": info["base_url"],
        "ca_file": info["ca_file"],
        "client_id": given["client_id"],
    }
    return config, {name: given[name] for name in ("client_secret", "refresh_token")}


READERS = {"qontak": _qontak, "salesforce": _salesforce}
