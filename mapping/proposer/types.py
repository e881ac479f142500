"""Families of field types and how well one goes into another."""

import re

FAMILIES = (
    ("multichoice", r"multi|tags|array|checkboxes"),
    ("user", r"user|owner"),
    ("lookup", r"lookup|reference|assoc|relation|many2one|^org$|people|person|link to|foreign"),
    ("longtext", r"area|longtext|long text|rich|html|paragraph|^text ?area|multi ?line"),
    ("datetime", r"date ?time|timestamp"),
    ("date", r"date|^birthday$"),
    ("percent", r"percent"),
    ("money", r"^currency$|monetary|money|^decimal"),
    ("bool", r"bool|checkbox|checklist|yes.?no|tinyint|toggle|flag|switch|two ?options"),
    ("choice", r"picklist|dropdown|select|enum|radio|option|status|stage|choice|combobox|set$"),
    ("phone", r"phone|telephone|mobile"),
    ("email", r"e-?mail"),
    ("url", r"url|website|link"),
    ("file", r"file|upload|photo|image|signature|attachment|binary"),
    ("geo", r"gps|geo|checkin|location|coordinate"),
    ("id", r"^id$|guid|uuid|primary ?key|uniqueidentifier"),
    ("number", r"number|int|double|float|numeric|integer|decimal|bigint|auto"),
    ("text", r"text|string|char|address|name"),
)
PATTERNS = tuple((family, re.compile(pattern)) for family, pattern in FAMILIES)

FIT: dict[str, dict[str, float]] = {
    "text": {"bool": 0.7, "lookup": 0.97, "user": 0.97, "datetime": 0.97},
    "longtext": {
        **{"choice": 0.5, "number": 0.2, "money": 0.2, "date": 0.2, "datetime": 0.2},
        **{"bool": 0.2, "lookup": 0.4, "phone": 0.6, "email": 0.6, "percent": 0.2},
    },
    "number": {"date": 0.2, "datetime": 0.3, "bool": 0.5, "email": 0.1, "url": 0.1, "text": 0.95},
    "money": {
        **{"date": 0.1, "datetime": 0.1, "bool": 0.1, "email": 0.1, "url": 0.1, "phone": 0.1},
        **{"choice": 0.2, "text": 0.6, "longtext": 0.5, "lookup": 0.2},
    },
    "date": {
        **{"text": 0.55, "longtext": 0.3, "number": 0.1, "money": 0.1, "percent": 0.1},
        **{"bool": 0.1, "lookup": 0.1, "choice": 0.1, "phone": 0.1, "email": 0.1, "url": 0.1},
        **{"user": 0.1},
    },
    "choice": {
        **{"number": 0.75, "money": 0.6, "date": 0.1, "datetime": 0.1, "bool": 0.3},
        **{"phone": 0.1, "email": 0.1, "url": 0.1, "longtext": 0.5, "text": 0.93, "user": 0.8},
    },
    "multichoice": {
        **{"number": 0.1, "money": 0.1, "date": 0.1, "datetime": 0.1, "bool": 0.2},
        **{"phone": 0.1, "email": 0.1, "url": 0.1, "choice": 0.8, "longtext": 0.8, "text": 0.8},
    },
    "bool": {
        **{"text": 0.5, "choice": 0.7, "number": 0.2, "money": 0.1, "date": 0.05},
        **{"datetime": 0.05, "lookup": 0.1, "phone": 0.1, "email": 0.1, "url": 0.1},
        **{"longtext": 0.3, "user": 0.1, "percent": 0.1},
    },
    "lookup": {"date": 0.05, "datetime": 0.05, "bool": 0.1, "money": 0.1, "text": 0.9},
    "user": {"date": 0.05, "datetime": 0.05, "bool": 0.1, "money": 0.1, "text": 0.7, "phone": 0.1},
    "file": {
        **{"url": 0.5, "text": 0.3, "longtext": 0.3, "choice": 0.1, "lookup": 0.1, "date": 0.1},
        **{"number": 0.1, "bool": 0.1, "money": 0.1, "phone": 0.1, "email": 0.1},
    },
    "geo": {"text": 0.4, "longtext": 0.3, "number": 0.4, "choice": 0.1, "lookup": 0.1},
    "phone": {"date": 0.05, "bool": 0.1, "lookup": 0.1, "money": 0.05, "choice": 0.1},
    "email": {"date": 0.05, "bool": 0.1, "phone": 0.1, "money": 0.05, "choice": 0.1},
    "url": {"date": 0.05, "bool": 0.1, "phone": 0.1, "money": 0.05, "choice": 0.1, "lookup": 0.3},
}
FIT["datetime"] = FIT["date"]
FIT["percent"] = FIT["money"] | {"text": 0.6}


def family(type_name: str) -> str:
    """Return the family of a type name of any system: text, choice, date, money, lookup, …"""
    lowered = type_name.strip().lower()
    for name, pattern in PATTERNS:
        if pattern.search(lowered):
            return name
    return "text"


def fit(source_family: str, dest_family: str) -> float:
    """Return 0…1: how well values of one family are kept in the other."""
    if source_family == dest_family:
        return 1.0
    return FIT.get(source_family, {}).get(dest_family, 1.0)
