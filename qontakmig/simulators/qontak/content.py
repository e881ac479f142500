"""The whole live content of the practice account, both ends of each association agreeing."""

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from qontakmig.simulators.qontak.identities import full_name
from qontakmig.simulators.qontak.rows import KINDS, Row, Rows
from qontakmig.simulators.qontak.shelf import Shelf
from qontakmig.simulators.qontak.timeline import iso


class Content:
    """Reads and changes of contacts, companies and deals.

    Names and reverse lists (a company's deals, a contact's deals …) are filled in on reading, so
    a change or deletion shows at once in every record that points to it.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.shelves = {kind: Shelf(rows.timelines[kind], rows.build[kind]) for kind in KINDS}
        self._join = {
            "contacts": self._join_contact,
            "companies": self._join_company,
            "deals": self._join_deal,
        }
        # (kind, field, id pointed to) → changed records that point there
        self._pointing: dict[tuple[str, str, int], set[int]] = defaultdict(set)

    def read(self, kind: str, record_id: int) -> Row | None:
        """Return one complete record; the caller may change its top level."""
        row = self.shelves[kind].get(record_id)
        if row is None:
            return None
        row = dict(row)
        self._join[kind](row)
        return row

    def write(self, kind: str, row: Row, now_ms: int) -> Row:
        """Keep a record, stamp its updated_at later than every other of its object, return it."""
        shelf = self.shelves[kind]
        row = deepcopy(row)
        row["updated_at"] = iso(max(now_ms, shelf.last_change_ms + 1))
        self.restore(kind, row)
        return row

    def restore(self, kind: str, row: Row) -> None:
        """Keep a record exactly as it is (also used to replay the change log)."""
        shelf = self.shelves[kind]
        self._unlink(kind, shelf.changed.get(row["id"]))
        shelf.put(row)
        for field, target in _pointers(kind, row):
            self._pointing[kind, field, target].add(row["id"])

    def delete(self, kind: str, record_id: int) -> None:
        shelf = self.shelves[kind]
        self._unlink(kind, shelf.changed.get(record_id))
        shelf.remove(record_id)

    def _unlink(self, kind: str, row: Row | None) -> None:
        if row is not None:
            for field, target in _pointers(kind, row):
                self._pointing[kind, field, target].discard(row["id"])

    def name(self, kind: str, record_id: int) -> str | None:
        """Return the name shown beside an id, or None when there is no such record."""
        shelf = self.shelves[kind]
        if record_id in shelf.changed:
            row = shelf.changed[record_id]
            if row is None:
                return None
            if kind == "contacts":
                return full_name(row["first_name"], row["last_name"])
            return row["name"]
        slot = shelf.timeline.slot_of(record_id)
        return None if slot is None else self.rows.name(kind, slot)

    def company_contacts(self, company_id: int) -> list[int]:
        return self._children(
            "contacts", "company", "companies", company_id, self.rows.relations.company_contacts
        )

    def company_deals(self, company_id: int) -> list[int]:
        return self._children(
            "deals", "company", "companies", company_id, self.rows.relations.company_deals
        )

    def contact_deals(self, contact_id: int) -> list[int]:
        return self._children(
            "deals", "contact", "contacts", contact_id, self.rows.relations.contact_deals
        )

    def _children(
        self, kind: str, field: str, parents: str, parent_id: int, seeded: Any
    ) -> list[int]:
        shelf = self.shelves[kind]
        slot = self.shelves[parents].timeline.slot_of(parent_id)
        found = [] if slot is None else [shelf.timeline.id_of(child) for child in seeded(slot)]
        if not shelf.changed:
            return found
        kept = [child for child in found if child not in shelf.changed]
        return kept + sorted(self._pointing.get((kind, field, parent_id), ()))

    def _named(self, kind: str, ids: Iterable[int]) -> tuple[list[int], list[str]]:
        pairs = [(i, name) for i in ids if (name := self.name(kind, i)) is not None]
        return [i for i, _ in pairs], [name for _, name in pairs]

    def _seeded_slot(self, kind: str, record_id: int) -> int | None:
        shelf = self.shelves[kind]
        return None if record_id in shelf.changed else shelf.timeline.slot_of(record_id)

    def _join_contact(self, row: Row) -> None:
        company_id = row["crm_company_id"]
        slot = self._seeded_slot("contacts", row["id"])
        if slot is not None:
            company = self.rows.relations.contact_company(slot)
            timeline = self.shelves["companies"].timeline
            company_id = None if company is None else timeline.id_of(company)
        name = None if company_id is None else self.name("companies", company_id)
        row["crm_company_id"] = None if name is None else company_id
        row["crm_company_name"] = name
        row["crm_deal_ids"], row["crm_deal_name"] = self._named(
            "deals", self.contact_deals(row["id"])
        )

    def _join_company(self, row: Row) -> None:
        row["crm_deal_ids"], row["crm_deal_name"] = self._named(
            "deals", self.company_deals(row["id"])
        )
        row["crm_person_ids"], row["crm_person_name"] = self._named(
            "contacts", self.company_contacts(row["id"])
        )

    def _join_deal(self, row: Row) -> None:
        companies, contacts = row["crm_company_id"], row["crm_lead_ids"]
        slot = self._seeded_slot("deals", row["id"])
        if slot is not None:
            relations = self.rows.relations
            linked = relations.deal_companies(slot)
            of_company = self.shelves["companies"].timeline.id_of
            of_contact = self.shelves["contacts"].timeline.id_of
            companies = None if linked is None else [of_company(s) for s in linked]
            contacts = [of_contact(s) for s in relations.deal_contacts(slot)]
        if companies is None:
            row["crm_company_id"] = row["crm_company_name"] = None
        else:
            row["crm_company_id"], row["crm_company_name"] = self._named("companies", companies)
        row["crm_lead_ids"], row["crm_lead_name"] = self._named("contacts", contacts or ())


def _pointers(kind: str, row: Row) -> list[tuple[str, int]]:
    if kind == "contacts" and row.get("crm_company_id") is not None:
        return [("company", row["crm_company_id"])]
    if kind == "deals":
        companies = [("company", target) for target in row["crm_company_id"] or ()]
        return companies + [("contact", target) for target in row["crm_lead_ids"] or ()]
    return []
