"""Requests as third-party clients of Salesforce spell them, sent to the practice org."""

from typing import Any

import httpx
from salesforce_clients import API


def test_an_instance_url_with_a_slash_at_its_end_reaches_the_org(
    rest: httpx.Client, sandbox: dict[str, Any]
) -> None:
    """The vendor's own command line keeps "https://host/" and appends "/services/..."."""
    answer = rest.get(f"{sandbox['base_url']}/{API}/query?q=SELECT+Id+FROM+User+LIMIT+1")

    assert answer.status_code == 200
    assert answer.json()["totalSize"] == 1
