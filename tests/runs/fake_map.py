"""A small confirmed map: users, accounts, contacts or leads, opportunities."""

from __future__ import annotations

from tests.runs.fake_orgs import KEY


def field(target, source, conversion="text", kind="text", **more):
    return {
        "target": target,
        "type": kind,
        "source": source,
        "fallbacks": [],
        "stand_in": None,
        "conversion": conversion if isinstance(conversion, dict) else {"kind": conversion},
        "required": False,
        "when": "always",
        "moves": False,
        "origin": "line",
    } | more


def reference(target, source, name, **more):
    return field(target, source, {"kind": "reference", "object": name, **more}, "reference")


def phase(name, source, target, depends_on, *fields, mode="load"):
    load = mode == "load"
    owner = (reference("OwnerId", "owner", "users", owner=True),) if load else ()
    created = field("CreatedDate", "@created_at", "datetime", "datetime", when="insert")
    key = {
        "name": KEY,
        "label": "Qontak Id",
        "type": "text",
        "length": 64,
        "precision": None,
        "scale": None,
        "options": [],
        "restricted": False,
        "unique": True,
        "external_id": True,
        "description": "",
    }
    return {
        "name": name,
        "source": source,
        "target": target,
        "mode": mode,
        "depends_on": list(depends_on),
        "match_by": "" if load else "email",
        "key_field": KEY if load else "",
        "fields": [*fields, *owner, *((created,) if load else ())],
        "skipped": [],
        "create_fields": [key] if load else [],
        "create_values": [],
    }


def document():
    return {
        "format": 1,
        "blueprint": {"key": "salesforce", "version": "1"},
        "settings": {"country_code": "62", "timezone": "Asia/Jakarta", "day_first": True},
        "filters": [
            {
                "object": "companies",
                "all": [{"field": "name", "op": "in", "values": ["companies 7"]}],
                "reason": "Test entry",
            }
        ],
        "splits": [
            {
                "object": "contacts",
                "rules": [
                    {"phase": "leads", "all": [{"field": "status", "op": "in", "values": ["baru"]}]}
                ],
                "otherwise": "contacts",
            }
        ],
        "phases": [
            phase("users", "users", "User", [], mode="match_users"),
            phase(
                "accounts",
                "companies",
                "Account",
                ["users"],
                field("Name", "name", required=True),
                reference("ParentId", "parent", "companies"),
            ),
            phase(
                "contacts",
                "contacts",
                "Contact",
                ["accounts"],
                field("LastName", "name", required=True),
                reference("AccountId", "company", "companies"),
            ),
            phase("leads", "contacts", "Lead", ["users"], field("LastName", "name", required=True)),
            phase(
                "opportunities",
                "deals",
                "Opportunity",
                ["accounts", "contacts"],
                field("Name", "name", required=True),
                reference("AccountId", "company", "companies"),
                reference("Contact__c", "contact", "contacts", id_prefix="003"),
                field("Amount", "amount", "currency", "currency"),
            ),
        ],
    }
