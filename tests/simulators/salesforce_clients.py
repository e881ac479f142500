"""What the tests of the Salesforce practice org share."""

import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx

API = "/services/data/v62.0"


def client_for(info: dict[str, Any], **options: Any) -> httpx.Client:
    """A client with a session, by https and the org's own authority."""
    tls = ssl.create_default_context(cafile=info["ca_file"])
    token = info["credentials"]["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    return httpx.Client(
        base_url=info["base_url"], verify=tls, headers=headers, timeout=20, **options
    )


def until(check: Callable[[], Any], seconds: float = 10) -> Any:
    """Return what ``check`` returns once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")
