"""Tasks and events."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..dates import print_moment, read_stored
from ..errors import RowProblem
from ..rows import Row
from .base import Rule
from .sales import status_flag

if TYPE_CHECKING:
    from ..org import Org

LONGEST_EVENT = 14 * 24 * 60  # minutes


def _relate(org: Org, row: Row) -> None:
    """Check WhoId with WhatId and fill AccountId from them."""
    who, what = row.get("WhoId"), row.get("WhatId")
    if who and what and who.startswith("00Q"):
        text = "A task or event cannot be related to a lead and to another record"
        raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "WhatId")
    row["AccountId"] = None
    if what:
        row["AccountId"] = (
            what if what.startswith("001") else (org.parent(what) or {}).get("AccountId")
        )
    elif who and who.startswith("003"):
        row["AccountId"] = (org.parent(who) or {}).get("AccountId")


class TaskRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        if row.get("TaskSubtype") is None:
            row["TaskSubtype"] = "Task"
        self._complete(org, row)

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        self._complete(org, new)

    def _complete(self, org: Org, row: Row) -> None:
        _relate(org, row)
        row["IsClosed"] = status_flag(org, "TaskStatus", row.get("Status"), "IsClosed")
        row["IsHighPriority"] = row.get("Priority") == "High"


class EventRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        if row.get("EventSubtype") is None:
            row["EventSubtype"] = "Event"
        self._complete(org, row, row)

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        if {"EndDateTime", "DurationInMinutes"} & changes.keys():
            if "EndDateTime" not in changes:
                new.pop("EndDateTime", None)
            if "DurationInMinutes" not in changes:
                new.pop("DurationInMinutes", None)
        elif {"StartDateTime", "ActivityDateTime"} & changes.keys():
            new.pop("EndDateTime", None)
        self._complete(org, new, changes)

    def _complete(self, org: Org, row: Row, given: Row) -> None:
        _relate(org, row)
        if row.get("IsAllDayEvent") and row.get("ActivityDateTime") is None:
            if row.get("ActivityDate") is None:
                self._missing("ActivityDate")
            row["ActivityDateTime"] = f"{row['ActivityDate']}T00:00:00.000+0000"
            if row.get("EndDateTime") is None and row.get("DurationInMinutes") is None:
                row["DurationInMinutes"] = 24 * 60
        start = (
            given.get("StartDateTime")
            or given.get("ActivityDateTime")
            or (row.get("StartDateTime") or row.get("ActivityDateTime"))
        )
        if start is None:
            self._missing("ActivityDateTime")
        if row.get("EndDateTime") is None and row.get("DurationInMinutes") is None:
            self._missing("DurationInMinutes")
        self._times(row, start)

    def _missing(self, name: str) -> None:
        text = f"Required fields are missing: [{name}]"
        raise RowProblem("REQUIRED_FIELD_MISSING", text, name)

    def _times(self, row: Row, start: str) -> None:
        begin = read_stored(start)
        if row.get("EndDateTime") is not None:
            minutes = int((read_stored(row["EndDateTime"]) - begin).total_seconds() // 60)
            given = row.get("DurationInMinutes")
            if given is not None and given != minutes:
                text = "Duration should be the difference between the start and end times"
                raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "DurationInMinutes")
        else:
            minutes = row["DurationInMinutes"]
        if minutes < 0:
            text = "Event duration can not be negative"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "DurationInMinutes")
        if minutes > LONGEST_EVENT:
            text = "Event duration can not be longer than 14 days"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "DurationInMinutes")
        end = begin + timedelta(minutes=minutes)
        row.update(
            StartDateTime=start, ActivityDateTime=start, ActivityDate=start[:10],
            EndDateTime=print_moment(end), EndDate=end.date().isoformat(),
            DurationInMinutes=minutes,
        )  # fmt: skip


RULES: dict[str, Rule] = {"Task": TaskRule(), "Event": EventRule()}
