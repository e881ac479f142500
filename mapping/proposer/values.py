"""What sample values look like, as Indonesians write them."""

import re
from collections.abc import Callable

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z.]{2,}$")
URL = re.compile(
    r"(https?://|www\.)\S+$|[\w-]+(\.[\w-]+)*\.(com|co\.id|id|org|net|io)(/\S*)?$", re.I
)
MOBILE = re.compile(r"(\+?62|0)8\d{7,11}$")
LANDLINE = re.compile(r"(\+?62|0)[2-79]\d{6,11}(ext\d+)?$")
PHONE_NOISE = re.compile(r"[\s().\-–/]")
RUPIAH = re.compile(r"(rp|idr)\.?\s*-?[\d.,]+$", re.I)
GROUPED = re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?$")
NUMBER = re.compile(r"-?\d+([.,]\d+)?$")
DATE = re.compile(r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2})$")
DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}|\d{1,2}[/-]\d{1,2}[/-]\d{4} \d{2}[:.]\d{2}"
)
PERCENT = re.compile(r"-?\d+([.,]\d+)?\s*%$")
YES_NO = frozenset(
    {"ya", "tidak", "yes", "no", "y", "n", "true", "false", "benar", "salah", "iya", "tdk"}
)
NPWP = re.compile(r"\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}$|\d{15}$")
NIK = re.compile(r"\d{16}$")
GPS = re.compile(r"-?\d{1,3}\.\d{3,},\s*-?\d{1,3}\.\d{3,}$")

LONGEST_SAMPLE = 200
"""Characters looked at; a longer text is a note, whatever it begins with."""
MOSTLY = 0.6
"""Share of samples that must look alike; one odd value among a few says nothing."""


def _phone(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(pattern.match(PHONE_NOISE.sub("", text)))


SHAPES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda text: bool(EMAIL.match(text))),
    ("tax_id", lambda text: bool(NPWP.match(text))),
    ("national_id", lambda text: bool(NIK.match(text))),
    ("gps", lambda text: bool(GPS.match(text))),
    ("datetime", lambda text: bool(DATETIME.match(text))),
    ("date", lambda text: bool(DATE.match(text))),
    ("mobile", _phone(MOBILE)),
    ("landline", _phone(LANDLINE)),
    ("rupiah", lambda text: bool(RUPIAH.match(text))),
    ("percent", lambda text: bool(PERCENT.match(text))),
    ("grouped", lambda text: bool(GROUPED.match(text))),
    ("number", lambda text: bool(NUMBER.match(text))),
    ("url", lambda text: bool(URL.match(text))),
    ("yes_no", lambda text: text.lower() in YES_NO),
)


def shape(samples: tuple[str, ...]) -> str | None:
    """Return the shape most samples share, or None: email, mobile, rupiah, date, npwp, …"""
    texts = [text.strip()[:LONGEST_SAMPLE] for text in samples if text.strip()]
    for name, test in SHAPES:
        if texts and sum(map(test, texts)) >= MOSTLY * len(texts):
            return name
    return None


def is_yes_no(labels: tuple[str, ...]) -> bool:
    """Whether these are the two or three choices of a yes/no question."""
    return 1 < len(labels) <= 3 and all(label.strip().lower() in YES_NO for label in labels)
