"""What hangs on a record: asked before a rollback deletes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qontakmig.connectors.salesforce.query import in_lists, query, soql_text
from qontakmig.connectors.salesforce.session import Session

_CHILDREN = {
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Case", "AccountId"),
        ("Account", "ParentId"),
        ("Asset", "AccountId"),
        ("Contract", "AccountId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
    "Contact": (
        ("Case", "ContactId"),
        ("Contact", "ReportsToId"),
        ("OpportunityContactRole", "ContactId"),
        ("CampaignMember", "ContactId"),
        ("Task", "WhoId"),
        ("Event", "WhoId"),
    ),
    "Lead": (("CampaignMember", "LeadId"), ("Task", "WhoId"), ("Event", "WhoId")),
    "Opportunity": (
        ("OpportunityLineItem", "OpportunityId"),
        ("OpportunityContactRole", "OpportunityId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
}
_FILES = (
    ("ContentDocumentLink", "LinkedEntityId"),
    ("Attachment", "ParentId"),
    ("Note", "ParentId"),
)
_OWN_BY_SYSTEM = "OpportunityContactRole"
"""Salesforce makes the role of ``Opportunity.ContactId`` itself, in our name."""


def dependents(
    session: Session,
    object_name: str,
    ids: Sequence[str],
    describe: Mapping[str, Any],
    readable: set[str],
    user_id: str,
) -> dict[str, int]:
    """Return id → number of live records under it, ids without any left out.

    describe   the raw describe of ``object_name``: its childRelationships say what this org has
    readable   objects that this user can query
    """
    found: Counter[str] = Counter()
    for child, field in _relations(object_name, describe, readable):
        mine = f" AND CreatedById != {soql_text(user_id)}" if child == _OWN_BY_SYSTEM else ""
        head = f"SELECT {field} FROM {child} WHERE {field}"  # noqa: S608 names of a describe
        for soql in in_lists(head, ids, mine):
            found.update(str(row[field]) for row in query(session, soql) if row.get(field))
    return dict(found)


def _relations(
    object_name: str, describe: Mapping[str, Any], readable: set[str]
) -> list[tuple[str, str]]:
    known = {*_CHILDREN.get(object_name, ()), *_FILES}
    return sorted(
        {
            (str(relation["childSObject"]), str(relation["field"]))
            for relation in describe.get("childRelationships") or ()
            if relation["childSObject"] in readable
            and (
                (relation["childSObject"], relation["field"]) in known
                or str(relation["childSObject"]).endswith("__c")
            )
        }
    )
