"""Lists of contacts, companies and deals: paging, filters, what the acting user may see."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from qontakmig.simulators.kit.messages import Request
from qontakmig.simulators.qontak import envelopes
from qontakmig.simulators.qontak.content import Content
from qontakmig.simulators.qontak.people import User, users
from qontakmig.simulators.qontak.rows import Row
from qontakmig.simulators.qontak.shelf import Matches
from qontakmig.simulators.qontak.timeline import WIB, milliseconds
from qontakmig.simulators.qontak.writes import Rejected

Test = Callable[[Row], bool]

DEFAULT_PER_PAGE = 25
_CONTAINS = {
    "contacts": {"name": ("first_name", "last_name"), "job_title": ("job_title",),
                 "phone": ("telephone",), "email": ("email",)},
    "companies": {"name": ("name",), "website": ("website",)},
    "deals": {"name": ("name",)},
}  # fmt: skip
_EQUALS = {
    "contacts": {"crm_status_id": "crm_status_id"},
    "companies": {},
    "deals": {"stage_id": "crm_stage_id", "pipeline_id": "crm_pipeline_id"},
}
_DAY_MS = 86_400_000
_DIGITS = re.compile("[0-9]{1,15}")
_FAR_MS = 1 << 50
_DATE_FORMATS = ("%d-%m-%Y", "%d/%m/%Y")


class Lists:
    """Answers ``GET /contacts`` and its sisters."""

    def __init__(self, content: Content, switches: dict[str, str]) -> None:
        self._content, self._switches = content, switches
        self._matches = Matches()

    def page(self, kind: str, request: Request, user: User) -> Row:
        """Return response and paging fields. Parameters that are unknown or bad are ignored.

        Raises Rejected where a switch makes a limit visible.
        """
        number = _positive(request.param("page"), 1)
        per_page = self._per_page(request)
        offset = (number - 1) * per_page
        ids, total = self._ids(kind, request, user, offset)
        window = int(self._switches["max_window"])
        if window and offset + per_page > window:
            raise Rejected(f"Result window is too large, page * per_page must be <= {window}")
        rows = []
        for _, record_id in zip(range(per_page), ids, strict=False):
            row = self._content.read(kind, record_id)
            if row is not None:
                rows.append(row)
        answer: Row = {"response": rows, **envelopes.paging(number, per_page, len(rows), total)}
        if kind == "companies" and rows:
            answer["next_cursor"] = [milliseconds(rows[-1]["updated_at"])]
        return answer

    def _per_page(self, request: Request) -> int:
        wanted = _positive(request.param("per_page"), DEFAULT_PER_PAGE)
        rule = self._switches["per_page_max"]
        if rule == "reject" and wanted > 100:
            raise Rejected("per_page must be less than or equal to 100")
        return min(wanted, 50 if rule == "50" else 100)

    def _ids(
        self, kind: str, request: Request, user: User, offset: int
    ) -> tuple[Iterator[int], int]:
        shelf, order = self._content.shelves[kind], self._switches["list_order"]
        tests = [*_tests(kind, request), *self._visible(user)]
        linked, made = self._linked(kind, request), _made_between(kind, request)
        if not tests and linked is None and made is None:
            return shelf.ids(order, offset), len(shelf)
        if linked is not None:
            candidates = self._in_order(kind, linked, order)
            tests += [_made_test(*made)] if made else []
        else:
            candidates = shelf.made_between(order, *made) if made else shelf.ids(order)
        parameters = {n: v for n, v in request.query.items() if n not in ("page", "per_page")}
        versions = [one.version for one in self._content.shelves.values()]
        key = (kind, repr(sorted(parameters.items())), order, repr(versions), user.id)
        found = self._matches.find(key, candidates, lambda one: self._passes(kind, one, tests))
        return iter(found[offset : offset + 100]), len(found)

    def _passes(self, kind: str, record_id: int, tests: list[Test]) -> bool:
        if not tests:
            return True
        row = self._content.shelves[kind].get(record_id)
        return row is not None and all(test(row) for test in tests)

    def visible(self, row: Row, user: User) -> bool:
        """Return whether the acting user may see a record."""
        return all(test(row) for test in self._visible(user))

    def _visible(self, user: User) -> list[Test]:
        """A user who is not an administrator sees what the own team owns."""
        if user.role == "admin":
            return []
        team = {u.id for u in users(self._content.rows.seed) if u.team_id == user.team_id}
        return [lambda row: row["creator_id"] in team]

    def _linked(self, kind: str, request: Request) -> set[int] | None:
        """Return the ids that an association filter leaves, or None without such a filter."""
        content, found = self._content, []
        for name, of in _ASSOCIATIONS[kind].items():
            wanted = [one for text in request.query.get(name, []) for one in text.split(",")]
            wanted += request.query.get(f"{name}[]", [])
            if any(wanted):
                numbers = _numbers(wanted)
                found.append({child for parent in numbers for child in of(content, parent)})
        return set.intersection(*found) if found else None

    def _in_order(self, kind: str, ids: set[int], order: str) -> Iterator[int]:
        rows = (self._content.shelves[kind].get(record_id) for record_id in ids)
        stamp = f"{order}_at"
        known = [(row[stamp], row["id"]) for row in rows if row is not None]
        return iter([record_id for _, record_id in sorted(known, reverse=True)])


def _contacts_of_deal(content: Content, deal_id: int) -> list[int]:
    deal = content.read("deals", deal_id)
    return deal["crm_lead_ids"] if deal else []


def _companies_of_contact(content: Content, contact_id: int) -> list[int]:
    contact = content.read("contacts", contact_id)
    return [contact["crm_company_id"]] if contact and contact["crm_company_id"] else []


def _companies_of_deal(content: Content, deal_id: int) -> list[int]:
    deal = content.read("deals", deal_id)
    return (deal["crm_company_id"] or []) if deal else []


_ASSOCIATIONS: dict[str, dict[str, Callable[[Content, int], list[int]]]] = {
    "contacts": {"crm_company_id": Content.company_contacts, "crm_deal_id": _contacts_of_deal},
    "companies": {"contact_ids": _companies_of_contact, "deal_ids": _companies_of_deal},
    "deals": {"contact_ids": Content.contact_deals, "company_ids": Content.company_deals},
}


def _tests(kind: str, request: Request) -> list[Test]:
    tests: list[Test] = []
    for name, columns in _CONTAINS[kind].items():
        if wanted := (request.param(name) or "").strip().lower():
            tests.append(_contains(columns, wanted))
    for name, column in _EQUALS[kind].items():
        if wanted := (request.param(name) or "").strip():
            tests.append(_equals(column, wanted))
    if kind == "deals" and (wanted := (request.param("product_ids") or "").strip()):
        ids = set(_numbers(wanted.split(",")))
        tests.append(lambda row: not ids.isdisjoint(row["product_association_ids"]))
    return tests


def _contains(columns: tuple[str, ...], wanted: str) -> Test:
    return lambda row: wanted in " ".join(str(row[column] or "") for column in columns).lower()


def _equals(column: str, wanted: str) -> Test:
    return lambda row: str(row[column]) == wanted


def _made_between(kind: str, request: Request) -> tuple[int, int] | None:
    """Return the span of created_at that contacts are asked for, in epoch milliseconds."""
    if kind != "contacts":
        return None
    starts = [_day_ms(request.param(name)) for name in ("created_after", "created_between_start")]
    end = _day_ms(request.param("created_between_end"))
    known = [start for start in starts if start is not None]
    if not known and end is None:
        return None
    return max(known, default=0), _FAR_MS if end is None else end + _DAY_MS


def _made_test(start_ms: int, end_ms: int) -> Test:
    return lambda row: start_ms <= milliseconds(row["created_at"]) < end_ms


def _day_ms(text: str | None) -> int | None:
    for form in _DATE_FORMATS:
        try:
            day = datetime.strptime(text or "", form).replace(tzinfo=WIB)
        except ValueError:
            continue
        return int(day.timestamp() * 1000)
    return None


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if _DIGITS.fullmatch(text.strip())]


def _positive(text: str | None, default: int) -> int:
    """Return a whole number above zero, the default for anything else."""
    return (int(text) if text and _DIGITS.fullmatch(text) else 0) or default
