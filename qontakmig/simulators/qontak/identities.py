"""Names, e-mail addresses and numbers of seeded contacts and companies; some occur twice."""

from functools import lru_cache

from qontakmig.simulators.qontak import phones
from qontakmig.simulators.qontak.draws import few_draws
from qontakmig.simulators.qontak.people import uuid_from
from qontakmig.simulators.qontak.words import (
    COMPANY_FIRST,
    COMPANY_FORMS,
    COMPANY_SECOND,
    COMPANY_THIRD,
    FAMILY_NAMES,
    GIVEN_NAMES,
    MAIL_HOSTS,
    PLACES,
)

_CACHE = 1 << 14
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"

_FAMILY_LOCAL = {name: "".join(filter(str.isalnum, name)).lower() for name in FAMILY_NAMES}

Name = tuple[str, str | None]


def contact_twin(slot: int) -> int:
    """Return the slot whose person this contact is: its own, or an earlier one (1 in 60)."""
    return slot - 2 if slot % 60 == 11 else slot


@lru_cache(maxsize=_CACHE)
def contact_name(seed: int, slot: int, too_long: int = 0) -> Name:
    """Return first and last name of a contact.

    too_long   the 32-bit draw below which a last name is longer than a CRM takes
    """
    r = few_draws(seed, "person", contact_twin(slot))
    given, family = _names(r)
    first, last = _typed_name(given, family, phones.digits(r[2]), r[3] % 200)
    if r[4] < too_long:
        last = " ".join([family, *("Raden Mas Haryo Kusumaningrat",) * 4])
    return first, last


def contact_address(seed: int, slot: int) -> tuple[str | None, str]:
    """Return e-mail (None or "" without one) and the mobile's digits of a contact."""
    person = contact_twin(slot)
    r = few_draws(seed, "person", person)
    given, family = _names(r)
    number = phones.digits(r[2])
    if r[5] % 100 < 8:
        return (None if r[5] % 2 else ""), number
    if r[5] % 100 > 92:  # a work address
        host = f"{COMPANY_FIRST[r[6] % 50]}{COMPANY_SECOND[r[7] % 40]}.co.id".lower()
    else:
        host = MAIL_HOSTS[r[6] % len(MAIL_HOSTS)]
    email = f"{given.lower()}.{_FAMILY_LOCAL[family]}.{base36(person)}@{host}"
    return (email.upper() if r[7] % 97 == 0 else email), number


def _names(r: tuple[int, ...]) -> tuple[str, str]:
    return GIVEN_NAMES[r[0] % len(GIVEN_NAMES)], FAMILY_NAMES[r[1] % len(FAMILY_NAMES)]


def _typed_name(given: str, family: str, number: str, n: int) -> Name:
    if n == 0:
        return "-", family
    if n == 1:
        return f"0{number}", ""
    if n == 2:
        return "-", "-"
    if n < 40:
        return given, None if n % 8 == 0 else " " if n % 8 == 1 else ""
    if n < 46:
        return f"{given} {family}", ""
    if n < 49:
        return f"Bpk. {given}", family
    if n < 52:
        return f"{given} 🌸", family
    if n < 60:
        return given.upper(), family.upper()
    return given, family


def seeded_slot_of_email(email: str) -> int | None:
    """Return the slot written in a seeded e-mail address, for a look-up without an index."""
    local = email.strip().lower().partition("@")[0]
    try:
        return int(local.rpartition(".")[2], 36)
    except ValueError:
        return None


def base36(number: int) -> str:
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _ALPHABET[digit] + text
        if not number:
            return text


def full_name(first: str | None, last: str | None) -> str:
    """Return a contact's name as Qontak shows it beside an id."""
    return " ".join(part for part in ((first or "").strip(), (last or "").strip()) if part)


@lru_cache(maxsize=_CACHE)
def company_name(seed: int, slot: int, too_long: int = 0) -> str:
    """Return a company's name; 1 in 50 is an earlier company in another spelling."""
    twin = slot % 50 == 7
    r = few_draws(seed, "company-name", slot - 3 if twin else slot)
    core = f"{COMPANY_FIRST[r[0] % 50]} {COMPANY_SECOND[r[1] % 40]}"
    third = COMPANY_THIRD[r[2] % len(COMPANY_THIRD)]
    if third:
        core = f"{core} {third}"
    if r[3] % 3 == 0:
        core = f"{core} {PLACES[r[4] % len(PLACES)][0]}"
    form = COMPANY_FORMS[r[5] % len(COMPANY_FORMS)]
    if twin:
        spellings = (f"{core}, {form}.", f"{form}. {core.upper()}", f"{form.lower()} {core} ", core)
        return spellings[slot // 50 % len(spellings)]
    if r[6] < too_long:
        return f"{form} {core} " + "(d/h Perusahaan Dagang dan Jasa Umum) " * 7
    return f"{form}. {core}" if r[7] % 9 == 0 else f"{form} {core}"


def short_company_name(name: str) -> str:
    """Return a company name as people put it into the name of a deal."""
    return name.strip()[:40]


def slug_uuid(r: tuple[int, ...]) -> str:
    return uuid_from(r[60:64])
