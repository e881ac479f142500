"""Values of custom fields, in Qontak's wire shapes.

One table of makers per object is built once; a maker turns two 32-bit draws into the entry
``{"id", "name", "value", "value_name"}``. Entries of dropdowns are shared between records:
whoever changes a record copies it first.
"""

import json
from collections.abc import Callable
from typing import Any

from qontakmig.simulators.qontak import templates as t
from qontakmig.simulators.qontak.draws import threshold
from qontakmig.simulators.qontak.words import HARD_TEXTS, PLAIN_TEXTS

Entry = dict[str, Any]
Maker = Callable[[int, int], Entry]

FILES_URL = "https://cdn.qontak.com/uploads/crm/file"
_CLICKS = (" ", "", None)
_UNPARSABLE_DATES = ("31/02/2023", "akhir bulan", "2023-13-45", "Senin depan", "00/00/0000")
_UNPARSABLE_NUMBERS = ("sekitar 20", "1.250.000,-", "Rp 5jt", "12 unit")


def makers(kind: str, dirt: float) -> list[Maker]:
    """Return one maker for each custom field of an object, in template order.

    dirt   share (0..1) of dates and numbers that nobody can parse
    """
    limit = threshold(dirt)
    return [_BY_TYPE[field.type](field, limit) for field in t.FIELDS[kind] if field.custom]


def _entry(field: t.Field, value: Any, label: Any = None) -> Entry:
    label = value if label is None else label
    return {"id": field.id, "name": field.name, "value": value, "value_name": label}


def _pick(field: t.Field, _limit: int) -> Maker:
    full = [_entry(field, str(key), label) for key, label in field.options or ()]
    entries = [full[n % len(full)] for n in range(98)] + [_entry(field, None), _entry(field, "")]
    for n in range(10, 40):
        entries[n] = _entry(field, "" if n % 2 else None)
    if field.gone:
        entries[97] = _entry(field, str(field.gone[0]), field.gone[1])
    return lambda a, b: entries[a % 100]


def _multi(field: t.Field, _limit: int) -> Maker:
    options = list(field.options or ())

    def subset(bits: int) -> Entry:
        chosen = [option for place, option in enumerate(options) if bits >> place & 1]
        if not chosen:
            return _entry(field, "", [])
        ids = ",".join(str(key) for key, _ in chosen)
        return _entry(field, ids, [label for _, label in chosen])

    entries = [subset(bits) for bits in range(2 ** len(options))]
    if field.gone:
        entries.append(_entry(field, str(field.gone[0]), [field.gone[1]]))
    empty = [_entry(field, "", []), {**_entry(field, None), "value_name": []}]
    return lambda a, b: empty[a % 2] if a % 10 < 4 else entries[b % len(entries)]


def _text(field: t.Field, _limit: int) -> Maker:
    if "npwp" in field.name:

        def npwp(a: int, b: int) -> Entry:
            if a % 10 < 6:
                return _entry(field, _CLICKS[a % 3])
            text = f"{b % 100:02d}.{a % 1000:03d}.{b // 100 % 1000:03d}.{a // 1000 % 10}"
            return _entry(field, f"{text}-{b // 100_000 % 1000:03d}.000")

        return npwp
    if field.name == "nomor_po":
        return lambda a, b: _entry(field, f"PO/{2018 + a % 8}/{b % 100_000:05d}" if a % 3 else "")
    return _sentence(field, _limit)


def _sentence(field: t.Field, _limit: int) -> Maker:
    def make(a: int, b: int) -> Entry:
        if a % 20 == 0:
            return _entry(field, HARD_TEXTS[b % len(HARD_TEXTS)])
        if a % 20 < 9:
            return _entry(field, PLAIN_TEXTS[b % len(PLAIN_TEXTS)])
        return _entry(field, _CLICKS[a % 3])

    return make


def _date(field: t.Field, limit: int) -> Maker:
    def make(a: int, b: int) -> Entry:
        if a < limit:
            return _entry(field, _UNPARSABLE_DATES[b % len(_UNPARSABLE_DATES)])
        if a % 3 == 0:
            return _entry(field, None if a & 1024 else "")
        return _entry(field, f"{b % 28 + 1:02d}/{b // 28 % 12 + 1:02d}/{2016 + b // 336 % 10}")

    return make


def _datetime(field: t.Field, _limit: int) -> Maker:
    def make(a: int, b: int) -> Entry:
        if a % 2:
            return _entry(field, None if a & 1024 else "")
        day = f"{2018 + b // 336 % 8}-{b // 28 % 12 + 1:02d}-{b % 28 + 1:02d}"
        hour = "00:00" if a % 10 == 0 else f"{a // 16 % 24:02d}:{a // 512 % 60:02d}"
        return _entry(field, f"{day}T{hour}:00.000+07:00")

    return make


def _number(field: t.Field, limit: int) -> Maker:
    large = field.name.startswith("nilai")

    def make(a: int, b: int) -> Entry:
        if a < limit:
            return _entry(field, _UNPARSABLE_NUMBERS[b % len(_UNPARSABLE_NUMBERS)])
        if a % 4 == 0:
            return _entry(field, None if a & 1024 else "")
        if large:  # rupiah, often above 2**31
            return _entry(field, f"{(b % 9000 + 100) * 1_000_000}.0")
        return _entry(field, str(b % 500))

    return make


def _percent(field: t.Field, _limit: int) -> Maker:
    zero = _entry(field, "0.0")
    return lambda a, b: zero if a % 2 else _entry(field, f"{b % 401 / 4}")


def _file(field: t.Field, _limit: int) -> Maker:
    name = {t.UPLOAD: "dokumen penawaran.pdf", t.PHOTO: "foto.jpg"}.get(field.type, "ttd.png")
    empty = _entry(field, None)

    def make(a: int, b: int) -> Entry:
        if a % 8:
            return empty
        return _entry(field, f"{FILES_URL}/{b:08x}/{a % 100_000}-{name.replace(' ', '%20')}")

    return make


def _checklist(field: t.Field, _limit: int) -> Maker:
    labels = ("KTP", "NPWP", "Akta Pendirian", "Surat Kuasa")

    def listed(bits: int) -> Entry:
        details = [
            {
                "crm_additional_option_id": 9100 + n, "name": label,
                "completed": bool(bits >> n & 1),
                "due_date": None, "checklist_due_time": None, "reminder": None, "user_ids": [],
            }
            for n, label in enumerate(labels)
        ]  # fmt: skip
        return _entry(field, json.dumps({"checklist_details_attributes": details}))

    entries = [listed(bits) for bits in range(16)]
    empty = _entry(field, None)
    return lambda a, b: entries[b % 16] if a % 5 == 0 else empty


def _gps(field: t.Field, _limit: int) -> Maker:
    empty = {**_entry(field, ""), "long": None, "lat": None}

    def make(a: int, b: int) -> Entry:
        if a % 6:
            return empty
        lat, long = f"-{6 + b % 20000 / 10000:.6f}", f"{106 + a % 80000 / 10000:.6f}"
        return {**_entry(field, f"{lat},{long}"), "long": long, "lat": lat}

    return make


def _url(field: t.Field, _limit: int) -> Maker:
    def make(a: int, b: int) -> Entry:
        if a % 3:
            return _entry(field, _CLICKS[1 + a % 2])
        scheme = "" if a % 9 == 0 else "https://"
        return _entry(field, f"{scheme}www.instagram.com/toko.{b % 10_000_000}")

    return make


_BY_TYPE: dict[str, Callable[[t.Field, int], Maker]] = {
    t.PICK: _pick, t.MULTI: _multi, t.TEXT: _text, t.AREA: _sentence, t.DATE: _date,
    t.DATETIME: _datetime, t.NUMBER: _number, t.PERCENT: _percent, t.UPLOAD: _file,
    t.PHOTO: _file, t.SIGNATURE: _file, t.CHECKLIST: _checklist, t.GPS: _gps, t.URL: _url,
}  # fmt: skip
