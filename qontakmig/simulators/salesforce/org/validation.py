"""Validation rules injected by switch: `Opportunity:Amount > 1000:"Amount is too high"`.

As in Salesforce the condition says what is refused. It is written as a SOQL condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import OrgError, RowProblem
from .rows import Row

if TYPE_CHECKING:
    from .org import Org

_RULE = re.compile(r'\s*(\w+)\s*:(.+):\s*"([^"]*)"\s*', re.DOTALL).fullmatch
Check = Callable[[Row], bool]


class ValidationRules:
    def __init__(self, org: Org):
        self.org = org
        self._rules: dict[str, list[tuple[Check, str]]] = {}
        self._source = ""

    def compile(self, source: str) -> None:
        """Read rules separated by ` ;; `; OrgError 400 when one cannot be read."""
        from .soql import condition

        rules: dict[str, list[tuple[Check, str]]] = {}
        for text in filter(None, (part.strip() for part in source.split(";;"))):
            found = _RULE(text)
            if not found:
                raise OrgError(400, "BAD_SWITCH", f"Cannot read validation rule {text}")
            sobject = self.org.sobject(found[1])
            check = condition(self.org, sobject, found[2])
            rules.setdefault(sobject.name, []).append((check, found[3]))
        self._rules, self._source = rules, source

    def check(self, sobject: str, row: Row) -> None:
        if self._source != self.org.switches["validation_rule"]:
            self.compile(self.org.switches["validation_rule"])
        for refused, text in self._rules.get(sobject, ()):
            if refused(row):
                raise RowProblem("FIELD_CUSTOM_VALIDATION_EXCEPTION", text)
