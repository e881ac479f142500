"""Recorded describes of real orgs, made whole where the recording was partial."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from .fields import PLAIN, complete

FOLDER = files("qontakmig.simulators.salesforce") / "recordings"

# key prefixes: recorded global describe (Salesforce reference, section 1)
KEY_PREFIXES = {
    "Account": "001", "Note": "002", "Contact": "003", "User": "005", "Opportunity": "006",
    "Organization": "00D", "UserRole": "00E", "Group": "00G", "OpportunityContactRole": "00K",
    "Attachment": "00P", "Lead": "00Q", "Task": "00T", "Event": "00U", "CaseComment": "00a",
    "Profile": "00e", "OpportunityLineItem": "00k", "CampaignMember": "00v",
    "BusinessProcess": "019", "GroupMember": "011", "RecordType": "012", "CaseStatus": "01H",
    "OpportunityStage": "01J", "LeadStatus": "01I", "TaskStatus": "01L", "TaskPriority": "01M",
    "Pricebook2": "01s", "Product2": "01t", "PricebookEntry": "01u",
    "CampaignMemberStatus": "01Y", "EmailMessage": "02s", "QueueSobject": "03g",
    "ContentVersion": "068", "ContentDocument": "069", "ContentDocumentLink": "06A",
    "PermissionSet": "0PS", "PermissionSetAssignment": "0Pa", "PermissionSetLicense": "0PL",
    "ObjectPermissions": "110", "FieldPermissions": "01k", "EmailMessageRelation": "0CZ",
    "EventRelation": "0RE", "UserLicense": "100", "Topic": "0TO", "Case": "500",
    "Campaign": "701",
}  # fmt: skip
READ_ONLY = frozenset(
    [
        "UserLicense",
        "PermissionSetLicense",
        "UserRecordAccess",
        "OpportunityStage",
        "LeadStatus",
        "CaseStatus",
        "TaskStatus",
        "TaskPriority",
    ]
)
SETUP = frozenset(
    [
        "User",
        "Profile",
        "PermissionSet",
        "PermissionSetAssignment",
        "FieldPermissions",
        "ObjectPermissions",
        "Organization",
        "RecordType",
        "BusinessProcess",
        "UserRole",
        "Group",
        "GroupMember",
        "QueueSobject",
    ]
)
# reference section 9, "Delete, undelete, rollback"
UNDELETABLE = frozenset(
    [
        "Account",
        "Contact",
        "Lead",
        "Opportunity",
        "Case",
        "Task",
        "Event",
        "Campaign",
        "EmailMessage",
        "Product2",
        "Pricebook2",
        "ContentDocument",
        "Note",
        "Attachment",
        "CaseComment",
    ]
)
NOT_DELETABLE = READ_ONLY | {"User", "Organization", "Profile", "ContentVersion", "RecordType",
                             "BusinessProcess"}  # fmt: skip
# Lookup keys and kinds of required field that the partial recordings do not tell (same reference).
ID_LOOKUPS = {
    ("EmailMessage", "MessageIdentifier"), ("User", "Username"), ("User", "Email"),
    ("Product2", "Name"), ("Pricebook2", "Name"), ("Profile", "Name"),
}  # fmt: skip
DEFAULTED = {
    ("EmailMessage", "Status"), ("ContentVersion", "ContentDocumentId"),
    ("ContentVersion", "Title"), ("ContentVersion", "SharingOption"),
    ("ContentVersion", "SharingPrivacy"), ("ContentVersion", "Origin"),
    ("ContentVersion", "ContentLocation"), ("User", "CommunityNickname"),
    ("PermissionSetAssignment", "PermissionSetId"), ("QueueSobject", "SobjectType"),
    ("Group", "Type"), ("Group", "DeveloperName"),
}  # fmt: skip
LENGTHS = {
    ("User", "LastName"): 80, ("User", "FirstName"): 40, ("User", "Username"): 80,
    ("User", "Email"): 128, ("User", "Alias"): 8, ("User", "CommunityNickname"): 40,
    ("PermissionSet", "Name"): 80, ("PermissionSet", "Label"): 80, ("Profile", "Name"): 255,
    ("RecordType", "Name"): 80, ("RecordType", "DeveloperName"): 80,
    ("BusinessProcess", "Name"): 80, ("Product2", "Description"): 4000,
    ("CaseComment", "CommentBody"): 4000, ("Note", "Body"): 32000, ("Note", "Title"): 80,
    ("ContentVersion", "ContentUrl"): 1333, ("Pricebook2", "Name"): 255,
    ("FieldPermissions", "Field"): 255, ("ContentVersion", "PathOnClient"): 500,
    ("EmailMessage", "MessageIdentifier"): 765, ("EmailMessage", "ThreadIdentifier"): 765,
    ("EmailMessage", "ClientThreadIdentifier"): 765, ("CampaignMemberStatus", "Label"): 765,
    ("User", "Signature"): 1333, ("EmailMessage", "AttachmentIds"): 4000,
}  # fmt: skip
_FLAGS = dict.fromkeys(
    [
        "activateable",
        "customSetting",
        "deepCloneable",
        "deprecatedAndHidden",
        "feedEnabled",
        "hasSubtypes",
        "isInterface",
        "isSubtype",
        "layoutable",
        "mergeable",
        "mruEnabled",
        "searchable",
    ],
    False,
)


@cache
def _read(name: str) -> str | None:
    source = FOLDER / name
    return source.read_text(encoding="utf-8") if source.is_file() else None


@cache
def object_names() -> list[str]:
    names = [entry.name for entry in FOLDER.iterdir()]
    kept = [n for n in names if n.startswith(("describe_", "partial_")) and "global" not in n]
    return sorted(n.split("_", 1)[1].removesuffix(".json") for n in kept)


def organization() -> dict[str, Any]:
    return json.loads(_read("organization.json") or "{}")


def describe(name: str) -> dict[str, Any]:
    """A fresh whole describe of one recorded object, as a dict the caller may change."""
    whole = _read(f"describe_{name}.json")
    if whole is not None:
        about = json.loads(whole)
        for key, value in object_describe(name, about["label"]).items():
            about.setdefault(key, value)
        about["fields"] = [{**PLAIN, **field} for field in about["fields"]]  # older API versions
        about["urls"] = urls(name)
        return about
    partial = json.loads(_read(f"partial_{name}.json") or "{}")
    about = object_describe(name, partial["label"], **_partial_flags(name, partial))
    about["childRelationships"] = partial["childRelationships"]
    about["fields"] = [complete(_with_known_facts(name, f)) for f in partial["fields"]]
    return about


def _partial_flags(name: str, partial: dict[str, Any]) -> dict[str, Any]:
    writable = name not in READ_ONLY
    return {
        "keyPrefix": KEY_PREFIXES.get(name),
        "createable": writable and name not in ("Organization", "ContentDocument"),
        "updateable": writable,
        "deletable": name not in NOT_DELETABLE,
        "undeletable": name in UNDELETABLE,
        "retrieveable": name != "UserRecordAccess",
        "replicateable": writable,
        "triggerable": writable and name not in SETUP,
        "queryable": partial.get("queryable", True),
        "labelPlural": partial.get("labelPlural", partial["label"] + "s"),
    }


def _with_known_facts(sobject: str, field: dict[str, Any]) -> dict[str, Any]:
    key = (sobject, field["name"])
    known = dict(field)
    if key in LENGTHS:
        known["length"] = LENGTHS[key]
    if key in ID_LOOKUPS:
        known["idLookup"] = True
    if key in DEFAULTED:
        known["defaultedOnCreate"] = True
    known.setdefault("externalId", False)
    for name in ("length", "precision", "scale", "createable", "updateable"):
        if known.get(name, 0) is None:
            del known[name]
    return known


def urls(name: str) -> dict[str, str]:
    base = f"/services/data/vXX.0/sobjects/{name}"
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "defaultValues": f"{base}/defaultValues?recordTypeId&fields",
        "describe": f"{base}/describe",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
    }


def object_describe(name: str, label: str, **flags: Any) -> dict[str, Any]:
    """Everything of an object's describe except its fields, in the recorded key set."""
    about: dict[str, Any] = {
        **_FLAGS, "actionOverrides": [], "associateEntityType": None,
        "associateParentEntity": None, "childRelationships": [], "compactLayoutable": True,
        "createable": True, "custom": False, "defaultImplementation": None, "deletable": True,
        "extendedBy": None, "extendsInterfaces": None, "fields": [], "implementedBy": None,
        "implementsInterfaces": None, "keyPrefix": None, "label": label,
        "labelPlural": label + "s", "listviewable": None, "lookupLayoutable": None,
        "name": name, "namedLayoutInfos": [], "networkScopeFieldName": None, "queryable": True,
        "recordTypeInfos": [], "replicateable": True, "retrieveable": True,
        "searchLayoutable": False, "sobjectDescribeOption": "FULL", "supportedScopes": [],
        "triggerable": True, "undeletable": True, "updateable": True, "urls": urls(name),
    }  # fmt: skip
    about.update(flags)
    return about
