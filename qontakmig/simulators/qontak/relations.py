"""Which contact belongs to which company, and which deals to both, as arithmetic.

Nothing is stored: company = (slot * a + b) mod count can be turned round, so both ends of every
association agree at any size.
"""

from collections.abc import Iterator
from math import gcd

from qontakmig.simulators.qontak.draws import mix

PER_PARENT_MAX = 40
"""Children of one parent are capped, so that one company with a million contacts stays small."""


class _Wheel:
    """A repeatable many-to-one mapping of child slots to ``parents`` slots, with its inverse."""

    def __init__(self, salt: int, children: int, parents: int) -> None:
        self.parents = parents
        self.reach = min(children, PER_PARENT_MAX * parents)
        self.factor = mix(salt, 1) | 1
        while gcd(self.factor, parents or 1) != 1:
            self.factor += 2
        self.shift = mix(salt, 2)
        self.inverse = pow(self.factor, -1, parents) if parents > 1 else 0

    def parent_of(self, child: int) -> int | None:
        if child >= self.reach:
            return None
        return (child * self.factor + self.shift) % self.parents

    def children_of(self, parent: int) -> range:
        if not self.parents:
            return range(0)
        first = (parent - self.shift) * self.inverse % self.parents
        return range(first, self.reach, self.parents)


class Relations:
    """Associations between slots of contacts, companies and deals."""

    def __init__(self, seed: int, contacts: int, companies: int, deals: int) -> None:
        self._salt = seed * 8
        self._contact_company = _Wheel(self._salt + 1, contacts, companies)
        self._deal_company = _Wheel(self._salt + 2, deals, companies)
        self._deal_contact = _Wheel(self._salt + 3, deals, contacts)

    def contact_company(self, contact: int) -> int | None:
        if mix(self._salt + 4, contact) % 5 == 0:
            return None
        return self._contact_company.parent_of(contact)

    def company_contacts(self, company: int) -> list[int]:
        salt = self._salt + 4
        return [c for c in self._contact_company.children_of(company) if mix(salt, c) % 5]

    def deal_companies(self, deal: int) -> list[int] | None:
        """Return no, one or two companies; None and [] are both "no company" on the wire."""
        kind = mix(self._salt + 5, deal) % 100
        if kind < 4:
            return None
        first = self._deal_company.parent_of(deal) if kind >= 10 else None
        if first is None:
            return []
        count = self._deal_company.parents
        return [first, (first + 1) % count] if kind >= 95 and count > 1 else [first]

    def company_deals(self, company: int) -> list[int]:
        count = self._deal_company.parents
        own = [d for d, kind in self._deals_led_by(company) if kind >= 10]
        if count < 2:
            return own
        return own + [d for d, kind in self._deals_led_by((company - 1) % count) if kind >= 95]

    def _deals_led_by(self, company: int) -> Iterator[tuple[int, int]]:
        salt = self._salt + 5
        return ((d, mix(salt, d) % 100) for d in self._deal_company.children_of(company))

    def deal_contacts(self, deal: int) -> list[int]:
        companies = self.deal_companies(deal)
        if companies:
            return self._chosen(deal, self.company_contacts(companies[0]))
        contact = self._deal_contact.parent_of(deal)
        return [] if contact is None or mix(self._salt + 6, deal) % 3 == 0 else [contact]

    def contact_deals(self, contact: int) -> list[int]:
        found: list[int] = []
        company = self.contact_company(contact)
        if company is not None:
            people = self.company_contacts(company)
            for deal, kind in self._deals_led_by(company):
                if kind >= 10 and contact in self._chosen(deal, people):
                    found.append(deal)
        found += [
            deal
            for deal in self._deal_contact.children_of(contact)
            if mix(self._salt + 6, deal) % 3 and not self.deal_companies(deal)
        ]
        return found

    def _chosen(self, deal: int, people: list[int]) -> list[int]:
        draw = mix(self._salt + 7, deal)
        kind, place = draw % 10, draw // 10
        if not people or kind == 0:
            return []
        first = place % len(people)
        if kind < 8 or len(people) == 1:
            return [people[first]]
        return [people[first], people[(first + 1) % len(people)]]
