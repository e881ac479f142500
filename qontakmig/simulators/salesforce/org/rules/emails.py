"""EmailMessage: on cases and off, its companion task, what stays changeable afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RowProblem
from ..rows import Row
from .base import Rule

if TYPE_CHECKING:
    from ..org import Org

NEW, READ, SENT, DRAFT = "0", "1", "3", "5"
FIXABLE = frozenset(("IsExternallyVisible",))
CLIENT_MANAGED = frozenset(("RelatedToId", "AttachmentIds"))


class EmailRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        parent, related = row.get("ParentId"), row.get("RelatedToId")
        if row.get("Status") is None:
            row["Status"] = NEW if parent else SENT
        if parent and related and parent != related:
            text = "ParentId and RelatedToId must be equal when both are set"
            raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "RelatedToId")
        if not parent:
            if row.get("ActivityId"):
                text = "insufficient access rights on object id"
                raise RowProblem("INSUFFICIENT_ACCESS_OR_READONLY", text, "ActivityId")
            if row["Status"] != SENT:
                text = "Status: an email that is not on a case can only be Sent"
                raise RowProblem("FIELD_INTEGRITY_EXCEPTION", text, "Status")
        row["Name"] = (row.get("Subject") or "(no subject)")[:255]
        if row.get("MessageDate") is None:
            row["MessageDate"] = org.now_text()

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        if row.get("ParentId") and not row.get("IsClientManaged"):
            return
        task = {
            "Subject": f"Email: {row['Name']}"[:255], "TaskSubtype": "Email",
            "Status": "Completed", "Priority": "Normal", "IsClosed": True,
            "WhatId": row.get("RelatedToId") or row.get("ParentId"), "OwnerId": user_id,
            "ActivityDate": row["MessageDate"][:10], "Description": row.get("TextBody"),
        }  # fmt: skip
        task_id = org.add("Task", {k: v for k, v in task.items() if v is not None})
        org.change("EmailMessage", row["Id"], {"ActivityId": task_id})

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        if old.get("Status") == DRAFT:
            return
        for name, value in changes.items():
            if old.get(name) == value or name in FIXABLE or name.endswith("__c"):
                continue
            if name == "Status" and old.get("Status") == NEW and value == READ:
                continue
            if old.get("IsClientManaged") and name in CLIENT_MANAGED:
                continue
            text = "You can't edit an email after it was sent or received"
            raise RowProblem("INSUFFICIENT_ACCESS_OR_READONLY", text, name)


RULES: dict[str, Rule] = {"EmailMessage": EmailRule()}
