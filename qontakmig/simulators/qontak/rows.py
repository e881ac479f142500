"""The seeded contacts, companies and deals, in the wire shape of CRM v3.1.

``Rows`` holds no record. Association ids and names are left to ``content``, which knows what was
changed since.
"""

from collections.abc import Callable
from typing import Any

from qontakmig.simulators.qontak import identities, phones, pipelines
from qontakmig.simulators.qontak import templates as t
from qontakmig.simulators.qontak.custom_values import Maker, makers
from qontakmig.simulators.qontak.draws import draws, few_draws, threshold
from qontakmig.simulators.qontak.people import LEFT_COUNT, User, users
from qontakmig.simulators.qontak.relations import Relations
from qontakmig.simulators.qontak.timeline import Timeline, iso
from qontakmig.simulators.qontak.words import DEAL_KINDS, GOODS, JOB_TITLES, PLACES, STREETS

Row = dict[str, Any]

KINDS = ("contacts", "companies", "deals")
BASE_IDS = {"contacts": 48_000_211, "companies": 9_100_305, "deals": 15_300_120}
_PIPELINE_WEIGHTS = (0, 0, 0, 0, 0, 0, 1, 1, 1, 2)
_BAD_EMAILS = ("tidak ada", "{0}@", "{0}@gmail", "{0} @gmail,com", "-", "wa only")


class Rows:
    """Builds seeded records: ``build["contacts"](slot)`` is a pure function of the arguments.

    sizes   {"contacts": 5000, "companies": 1200, "deals": 2000}
    dirt    share (0..1) of records with a value that will not fit another CRM
    """

    def __init__(self, seed: int, sizes: dict[str, int], dirt: float) -> None:
        self.seed, self.sizes = seed, sizes
        self.relations = Relations(seed, *(sizes[kind] for kind in KINDS))
        self.timelines = {
            kind: Timeline(seed * 16 + place, BASE_IDS[kind], sizes[kind])
            for place, kind in enumerate(KINDS)
        }
        self.build: dict[str, Callable[[int], Row]] = {
            "contacts": self.contact, "companies": self.company, "deals": self.deal,
        }  # fmt: skip
        self._users = users(seed)
        self._makers = {kind: makers(kind, dirt / 4) for kind in KINDS}
        self._bad_email = threshold(dirt * 0.4)
        self._too_long = threshold(dirt * 0.15)

    def name(self, kind: str, slot: int) -> str:
        """Return the name that other records show beside the id."""
        if kind == "contacts":
            return identities.full_name(*self.contact_name(slot))
        return self.company_name(slot) if kind == "companies" else self.deal_name(slot)

    def contact_name(self, slot: int) -> identities.Name:
        return identities.contact_name(self.seed, slot, self._too_long)

    def company_name(self, slot: int) -> str:
        return identities.company_name(self.seed, slot, self._too_long)

    def deal_name(self, slot: int) -> str:
        r = few_draws(self.seed, "deal-name", slot)
        name = f"{DEAL_KINDS[r[0] % len(DEAL_KINDS)]} {GOODS[r[1] % len(GOODS)]}"
        companies = self.relations.deal_companies(slot)
        if companies and r[2] % 4:
            company = identities.short_company_name(self.company_name(companies[0]))
            name = f"{name} - {company}"
        if r[3] < self._too_long:
            name += " (" + "termasuk pemasangan, pelatihan dan garansi; " * 4 + ")"
        return name

    def owner(self, kind: str, slot: int, draw: int) -> User:
        """Return the owner; on the oldest fifth it may be someone who left the company."""
        old = slot * 5 < self.sizes[kind]
        return self._users[draw % (len(self._users) - (0 if old else LEFT_COUNT))]

    def contact(self, slot: int) -> Row:
        r = draws(self.seed, "contact", slot)
        first, last = self.contact_name(slot)
        email, number = identities.contact_address(self.seed, slot)
        if email and r[0] < self._bad_email:
            email = _BAD_EMAILS[r[1] % len(_BAD_EMAILS)].format(first.lower())
        owner = self.owner("contacts", slot, r[2])
        status = _pick(t.CONTACT_STATUSES, r[3], 15)
        source = _pick(t.SOURCES, r[4], 20, t.SOURCE_GONE)
        gender = _pick(t.GENDERS, r[5], 30)
        work = _pick(t.OCCUPATIONS, r[6], 50)
        record_id, created, updated = self._stamps("contacts", slot)
        return {
            "id": record_id, "first_name": first, "last_name": last,
            "slug": f"{first}-{last or ''}-{r[7]:08x}".lower().replace(" ", "-"),
            "created_at": created, "updated_at": updated,
            "job_title": JOB_TITLES[r[8] % len(JOB_TITLES)],
            "creator_id": owner.id, "creator_name": owner.name,
            "creator_username": owner.username, "creator_email": owner.email,
            "email": email, "telephone": phones.spell(number, r[9]),
            "crm_status_id": status[0], "crm_status_name": status[1],
            "date_of_birth": _day(r[11], 1960, 44) if r[10] % 3 == 0 else None,
            "crm_source_id": source[0], "crm_source_name": source[1],
            "crm_gender_id": gender[0], "crm_gender_name": gender[1],
            "crm_occupation_id": work[0], "crm_occupation_name": work[1],
            "income": _money(r[12], r[13], 60), "upload_id": None,
            "customer_id": (f"CUST-{slot:07d}", "", " ", None, "")[r[14] % 5],
            "crm_company_id": None, "crm_company_name": None,
            "crm_deal_ids": [], "crm_deal_name": [],
            **_address(r[15:21]),
            "unique_lead_id": f"{r[21]:08X}{r[22] % 256:02X}", "unique_hub_account": None,
            "additional_fields": _custom(self._makers["contacts"], r),
        }  # fmt: skip

    def company(self, slot: int) -> Row:
        r = draws(self.seed, "company", slot)
        name = self.company_name(slot)
        owner = self.owner("companies", slot, r[2])
        industry = _pick(t.INDUSTRIES, r[3], 20)
        kind = _pick(t.COMPANY_TYPES, r[4], 20)
        source = _pick(t.SOURCES, r[5], 30, t.SOURCE_GONE)
        record_id, created, updated = self._stamps("companies", slot)
        return {
            "id": record_id, "slug": identities.slug_uuid(r), "name": name,
            "website": _website(name, r[6] % 4),
            "created_at": created, "updated_at": updated,
            "creator_id": owner.id, "creator_name": owner.name,
            "telephone": phones.spell(phones.digits(r[7]), r[8]),
            **_address(r[15:21]),
            "industry_id": industry[0], "industry_name": industry[1],
            "crm_type_id": kind[0], "crm_type_name": kind[1],
            "number_of_employees": None if r[9] % 3 == 0 else r[9] % 2000 + 1,
            "crm_source_id": source[0], "crm_source_name": source[1],
            "annual_revenue": _money(r[10], r[11], 40),
            "business_reg_number": "" if r[12] % 2 else f"{8120000000000 + r[12] % 10**9}",
            "crm_deal_ids": [], "crm_deal_name": [], "crm_person_ids": [], "crm_person_name": [],
            "ancestry": self._ancestry(slot), "unique_company_id": f"{r[21]:08X}",
            "additional_fields": _custom(self._makers["companies"], r),
        }  # fmt: skip

    def _parent(self, slot: int) -> int | None:
        """Return the slot of a parent company (1 in 12 has one), always an earlier one."""
        r = few_draws(self.seed, "parent", slot) if slot else (1,)
        return slot - 1 - r[1] % min(slot, 30) if r[0] % 12 == 0 else None

    def _ancestry(self, slot: int) -> str | None:
        """Return the ids from the root to the parent joined by "/", the Rails way."""
        above: list[str] = []
        parent = self._parent(slot)
        while parent is not None:
            above.insert(0, str(self.timelines["companies"].id_of(parent)))
            parent = self._parent(parent)
        return "/".join(above) or None

    def deal(self, slot: int) -> Row:
        r = draws(self.seed, "deal", slot)
        owner = self.owner("deals", slot, r[2])
        pipeline = pipelines.pipelines()[_PIPELINE_WEIGHTS[r[3] % len(_PIPELINE_WEIGHTS)]]
        stage = pipeline.stages[r[4] % len(pipeline.stages)]
        closed = stage.probability in ("1.00", "0.00", "0.01")
        lost = stage.probability in ("0.00", "0.01")
        reason = _pick(t.LOST_REASONS, r[5], 20) if lost else (None, None)
        source = _pick(t.SOURCES, r[6], 20, t.SOURCE_GONE)
        priority = _pick(t.PRIORITIES, r[7], 25)
        status = _pick(t.DEAL_STATUSES, r[8], 40)
        record_id, created, updated = self._stamps("deals", slot)
        name = self.deal_name(slot)
        return {
            "id": record_id, "name": name,
            "slug": f"{name.lower().replace(' ', '-')[:40]}-{r[9] % 10000}",
            "created_at": created, "updated_at": updated,
            "currency": "USD" if r[10] % 60 == 0 else "IDR", "size": _size(r[11], r[12]),
            "closed_date": _day(r[13], 2018, 8) if closed or r[14] % 3 else None,
            "creator_id": owner.id, "creator_name": owner.name,
            "crm_source_id": source[0], "crm_source_name": source[1],
            "crm_lost_reason_id": reason[0], "crm_lost_reason_name": reason[1],
            "crm_pipeline_id": pipeline.id, "crm_pipeline_name": pipeline.name,
            "crm_stage_id": stage.id, "crm_stage_name": stage.name,
            "start_date": _day(r[15], 2018, 7) if r[16] % 2 else None,
            "expired_date": _day(r[17], 2019, 8) if r[18] % 2 else None,
            "crm_priority_id": priority[0], "crm_priority_name": priority[1],
            "crm_company_id": [], "crm_company_name": [],
            "crm_lead_ids": [], "crm_lead_name": [],
            **_products(r[19:23]),
            "crm_deal_status": status[1], "unique_deal_id": f"{r[23]:08X}{r[24] % 256:02X}",
            "idempotency_key": identities.slug_uuid(r), "channel_integration_room_id": None,
            "additional_fields": _custom(self._makers["deals"], r),
        }  # fmt: skip

    def _stamps(self, kind: str, slot: int) -> tuple[int, str, str]:
        timeline = self.timelines[kind]
        return (
            timeline.id_of(slot), iso(timeline.created_ms(slot)), iso(timeline.updated_ms(slot))
        )  # fmt: skip


def _custom(table: list[Maker], r: tuple[int, ...]) -> list[Row]:
    return [maker(r[place], r[place + 16]) for place, maker in enumerate(table, 28)]


def _pick(
    options: t.Options, draw: int, empty_percent: int, gone: tuple[int, str] | None = None
) -> tuple[int | None, str | None]:
    n = draw % 100
    if n < empty_percent:
        return None, None
    if gone and n == 99:
        return gone
    return options[draw // 100 % len(options)]


def _address(r: tuple[int, ...]) -> Row:
    city, province, code = PLACES[r[0] % len(PLACES)]
    kind = r[1] % 20
    if kind < 5:
        return {"address": "", "country": "", "province": "", "city": "", "zipcode": ""}
    street = f"{STREETS[r[2] % len(STREETS)]} No. {r[3] % 250 + 1}"
    if kind == 5:
        street = f"{street}\nRT {r[4] % 12 + 1:02d}/RW {r[5] % 9 + 1:02d}, Kel. Sukamaju"
    return {
        "address": street,
        "country": ("Indonesia", "Indonesia", "indonesia", "ID", "")[r[4] % 5],
        "province": None if kind == 6 else province,
        "city": city.upper() if kind == 7 else city,
        "zipcode": f"{code}{r[5] % 90 + 10}",
    }


def _website(name: str, kind: int) -> str | None:
    if kind < 2:
        return None if kind else ""
    site = "".join(filter(str.isalnum, name.lower()))[:30]
    return f"www.{site}.co.id" if kind == 2 else f"https://{site}.com"


def _day(draw: int, first_year: int, years: int) -> str:
    """Return a day at midnight +07:00, the day before in UTC."""
    day, month, year = draw % 28 + 1, draw // 28 % 12 + 1, first_year + draw // 336 % years
    return f"{year}-{month:02d}-{day:02d}T00:00:00.000+07:00"


def _money(kind: int, draw: int, empty_percent: int) -> str | int | None:
    """Return rupiah as decimal text, at times a number, "" or null; often above 2**31."""
    n = kind % 100
    if n < empty_percent:
        return None if n % 2 else ""
    amount = (draw % 20_000 + 1) * (1_000_000 if n % 2 else 50_000)
    return amount if n > 94 else f"{amount}.0"


def _size(kind: int, draw: int) -> str | int | float | None:
    n = kind % 100
    if n < 4:
        return None
    if n < 8:
        return "0.0"
    amount = (draw % 9_000 + 1) * (1_000_000 if n % 3 == 0 else 25_000)
    if n > 93:
        return amount
    return f"{amount}.5" if n == 93 else f"{amount}.0"


def _products(r: tuple[int, ...]) -> Row:
    count = (0, 0, 0, 1, 2)[r[0] % 5]
    chosen = [(r[1] + n) % len(GOODS) for n in range(count)]
    quantities = [float(r[2] % 9 + 1)] * count
    prices = [f"{(r[3] % 900 + 1) * 10_000}.0"] * count
    totals = [
        f"{quantity * float(price)}" for quantity, price in zip(quantities, prices, strict=True)
    ]
    return {
        "product_association_ids": [7100 + n for n in chosen],
        "product_association_name": [GOODS[n] for n in chosen],
        "product_association_quantity": quantities,
        "product_association_price": prices,
        "product_association_total_price": totals,
    }
