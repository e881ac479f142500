"""Delete with its cascades, the Recycle Bin, undelete and hard delete.

Cascades follow the describes' childRelationships: `cascadeDelete` takes the child along,
`restrictedDelete` refuses, anything else clears the lookup. An Account takes its Cases too
(reference section 9), although describe calls that relationship restricted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import rules
from .errors import RowProblem
from .ids import id18
from .rows import BIN_KEY, Row

if TYPE_CHECKING:
    from .org import Org

TAKEN_ALONG = {("Account", "Case", "AccountId")}


def delete(org: Org, sobject: str, value: str, user_id: str) -> str:
    """Move a row and what hangs on it to the bin; returns its id."""
    table = org.tables[sobject]
    record_id = id18(value.strip()) if value else None
    if record_id is None:
        raise RowProblem("MALFORMED_ID", f"malformed id {value}", "Id")
    if record_id not in table.live:
        if record_id in table.bin:
            raise RowProblem("ENTITY_IS_DELETED", "entity is deleted")
        raise RowProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    _take(org, sobject, record_id, record_id, user_id)
    return record_id


def _take(org: Org, sobject: str, record_id: str, root: str, user_id: str) -> None:
    table = org.tables[sobject]
    row = table.live[record_id]
    rule = rules.for_object(sobject)
    if rule:
        rule.before_delete(org, row)
    about = org.schema.objects[sobject.lower()].about
    if not about["undeletable"] and root == record_id:
        root = ""
    _children(org, sobject, record_id, root, user_id)
    moment = org.now_text()
    gone = {**table.live[record_id], "IsDeleted": True, "SystemModstamp": moment, BIN_KEY: root}
    gone["LastModifiedDate"] = moment
    gone["LastModifiedById"] = user_id
    org.store(table, record_id, gone)
    if rule:
        rule.after_delete(org, row)


def _children(org: Org, sobject: str, record_id: str, root: str, user_id: str) -> None:
    children = org.schema.objects[sobject.lower()].about["childRelationships"]

    def order(child: dict[str, Any]) -> int:
        # an account's cases go before its contacts, which cannot go while they have cases
        if (sobject, child["childSObject"], child["field"]) in TAKEN_ALONG:
            return 0
        return 1 if child["cascadeDelete"] else 2

    for child in sorted(children, key=order):
        name, field = child["childSObject"], child["field"]
        table = org.tables.get(name)
        if table is None or not table.live:
            continue
        ids = list(table.index(field, False).ids(record_id))
        if not ids:
            continue
        if child["cascadeDelete"] or (sobject, name, field) in TAKEN_ALONG:
            for child_id in ids:
                if child_id in table.live:
                    _take(org, name, child_id, root or record_id, user_id)
        elif child["restrictedDelete"]:
            numbers = ", ".join(str(_shown(table.live[i])) for i in ids[:5])
            text = (
                f"Your attempt to delete {_shown(org.tables[sobject].live[record_id])} could not "
                "be completed because it is associated with the following "
                f"{name.lower()}s.: {numbers}\n"
            )
            raise RowProblem("DELETE_FAILED", text)
        else:
            for child_id in ids:
                kept = {k: v for k, v in table.live[child_id].items() if k != field}
                org.store(table, child_id, kept)


def _shown(row: Row) -> str:
    return row.get("CaseNumber") or row.get("Name") or row["Id"]


def undelete(org: Org, sobject: str, value: str, user_id: str) -> str:
    """Bring a row back from the bin with everything its deletion took along."""
    record_id = id18(value)
    table = org.tables[sobject]
    row = table.bin.get(record_id or "")
    about = org.schema.objects[sobject.lower()].about
    if row is None or record_id is None or not about["undeletable"] or row[BIN_KEY] != record_id:
        text = "Entity is not in the recycle bin"
        raise RowProblem("UNDELETE_FAILED", text)
    for other in org.tables.values():
        for back_id in sorted(other.taken.get(record_id, ())):
            back = other.bin[back_id]
            _check_free(org, other.name, back)
            kept = {k: v for k, v in back.items() if k not in (BIN_KEY, "IsDeleted")}
            kept["SystemModstamp"] = org.now_text()
            org.store(other, back_id, kept)
    return record_id


def _check_free(org: Org, sobject: str, row: Row) -> None:
    table = org.tables[sobject]
    for field in org.unique_fields(org.schema.objects[sobject.lower()]):
        value = row.get(field.name)
        if value is None:
            continue
        for other in table.index(field.name, not field.case_sensitive).ids(value):
            text = (
                f"duplicate value found: {field.name} duplicates value on record with id: "
                f"{other[:15]}"
            )
            raise RowProblem("DUPLICATE_VALUE", text, field.name)


def purge(org: Org, sobject: str, value: str, user_id: str) -> str:
    """Hard delete: the row and its cascades go without a stay in the bin."""
    record_id = delete(org, sobject, value, user_id)
    for table in org.tables.values():
        for back_id in sorted(table.taken.get(record_id, ())):
            org.store(table, back_id, None)
    if record_id in org.tables[sobject].bin:
        org.store(org.tables[sobject], record_id, None)
    return record_id
