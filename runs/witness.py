"""What a practice org says of itself: contents, counts and requests, asked past its API."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

STAMPS = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})
"""What every write moves, also one that puts a value back; left out where content is compared."""
PAGE = 5000


class Witness:
    """Asks one practice org over its control plane, which knows no faults and no limits."""

    def __init__(self, control_url: str) -> None:
        self.control_url = control_url

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.control_url + path, timeout=300) as answer:  # noqa: S310
            return json.load(answer)

    def counts(self) -> dict[str, int]:
        """Return the number of live records of each object, whoever made them."""
        found: dict[str, int] = self.ask("stats")
        return found

    def last_request(self) -> int:
        """Return the number of the latest request; numbers start again with the org's process."""
        last = 0
        while page := self.ask(f"journal?after={last}&limit={PAGE}")["requests"]:
            last = page[-1]["n"]
        return last

    def writes_after(self, request: int) -> int:
        """Count the later requests that changed something."""
        writes = 0
        while page := self.ask(f"journal?after={request}&limit={PAGE}")["requests"]:
            writes += sum(entry["committed"] for entry in page)
            request = page[-1]["n"]
        return writes

    def content(self) -> dict[str, Any]:
        """Return the org's records and custom fields, without the stamps of writing."""
        return {
            name: {
                key: {field: value for field, value in row.items() if field not in STAMPS}
                for key, row in rows.items()
            }
            for name, rows in self.ask("dump").items()
        }

    def remember(self, path: Path) -> None:
        """Keep the content in a file, whole or not at all."""
        half = path.with_suffix(".half")
        half.write_text(json.dumps(self.content(), sort_keys=True))
        half.replace(path)

    def is_as_remembered(self, path: Path) -> bool:
        return bool(json.loads(path.read_text()) == self.content())
