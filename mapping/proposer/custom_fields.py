"""The custom field a source field without counterpart would become (Salesforce's types)."""

import re
import unicodedata
from dataclasses import dataclass

from .case import SourceField
from .classify import Meaning

NAME_LENGTH = 40
"""Characters of a Salesforce custom field name without the __c suffix (field reference)."""
LABEL_LENGTH = 40
TEXT_LENGTH = 255
LONG_TEXT_LENGTH = 32_768
PLAIN_TYPES = {"url": "Url", "file": "Url", "email": "Email", "phone": "Phone"}


@dataclass(frozen=True)
class CustomFieldDraft:
    """``length`` for texts; ``precision`` and ``scale`` for numbers; ``options`` for picklists."""

    name: str
    label: str
    type: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    options: tuple[str, ...] = ()


def draft_custom_field(source: SourceField, meaning: Meaning) -> CustomFieldDraft:
    """Return name, label and type that keep every value the field has shown."""
    label = " ".join((source.label or source.name).split())[:LABEL_LENGTH].strip() or "Field"
    name = custom_field_name(source.label or source.name)
    family, seen = meaning.family, meaning.shape
    options = tuple(dict.fromkeys(option.label for option in source.options))
    if family == "bool":
        return CustomFieldDraft(name, label, "Checkbox")
    if family in ("choice", "multichoice") and options:
        kind = "Picklist" if family == "choice" else "MultiselectPicklist"
        return CustomFieldDraft(name, label, kind, options=options)
    if family == "percent" or seen == "percent":
        return CustomFieldDraft(name, label, "Percent", precision=18, scale=2)
    if seen == "rupiah" or family == "money":
        return CustomFieldDraft(name, label, "Currency", precision=18, scale=2)
    if family == "number":
        return CustomFieldDraft(name, label, "Number", precision=18, scale=_scale(source))
    if family in ("date", "datetime"):
        return CustomFieldDraft(name, label, "DateTime" if family == "datetime" else "Date")
    if family in PLAIN_TYPES:
        return CustomFieldDraft(name, label, PLAIN_TYPES[family])
    longest = max([source.max_length or 0, *map(len, source.samples)])
    if family == "longtext" or longest > TEXT_LENGTH:
        length = LONG_TEXT_LENGTH if longest <= LONG_TEXT_LENGTH else 131_072
        return CustomFieldDraft(name, label, "LongTextArea", length=length)
    return CustomFieldDraft(name, label, "Text", length=TEXT_LENGTH)


def custom_field_name(label: str) -> str:
    """Return a developer name: letters, digits, single underscores, a letter first, ``__c``."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    words = [word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", plain) if word]
    name = "_".join(words) or "Field"
    if not name[0].isalpha():
        name = f"F_{name}"
    return name[:NAME_LENGTH].rstrip("_") + "__c"


def _scale(source: SourceField) -> int:
    """Return 2 where a sample shows decimals that are not only a grouped thousand."""
    decimals = re.compile(r"[.,]\d{1,2}$|[.,]\d{4,}$")
    return 2 if any(decimals.search(sample.strip()) for sample in source.samples) else 0
