"""Record ids: 15 case-sensitive characters and the 3-character checksum that makes 18.

The checksum rule and the test vector are in the Salesforce reference, section 1.
"""

from __future__ import annotations

import re

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
WELL_FORMED = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?").fullmatch
_PAIRS = [a + b for a in DIGITS for b in DIGITS]
_SEQUENCE_DIGITS = 10


def checksum(id15: str) -> str:
    """The three characters that complete a 15-character id."""
    suffix = ""
    for start in (0, 5, 10):
        bits = 0
        for k, char in enumerate(id15[start : start + 5]):
            if "A" <= char <= "Z":
                bits |= 1 << k
        suffix += SUFFIX[bits]
    return suffix


def id18(value: str) -> str | None:
    """The 18-character form of a 15- or 18-character id, None when it is malformed."""
    if not WELL_FORMED(value):
        return None
    if len(value) == 15:
        return value + checksum(value)
    return value if checksum(value[:15]) == value[15:] else None


def id15(value: str) -> str:
    return value[:15]


class IdSequence:
    """Ids of one object in one org: key prefix, the org's two characters, a rising number."""

    def __init__(self, prefix: str, instance: str, start: int = 1):
        self.head = prefix + instance
        self.number = start

    def next(self) -> str:
        number = self.number
        self.number = number + 1
        tail = ""
        while number:
            number, pair = divmod(number, 3844)
            tail = _PAIRS[pair] + tail
        body = self.head + tail.rjust(_SEQUENCE_DIGITS, "0")
        return body + checksum(body)
