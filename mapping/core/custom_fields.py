"""Names, labels and types of custom fields that the destination is to get."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from mapping.core import transforms
from mapping.core.transforms import TransformError
from qontakmig.connectors.base import FieldType

PLAIN = {
    FieldType.DATE, FieldType.DATETIME, FieldType.BOOLEAN, FieldType.PHONE,
    FieldType.EMAIL, FieldType.URL,
}  # fmt: skip
NUMBERS = {FieldType.INTEGER, FieldType.DECIMAL, FieldType.CURRENCY, FieldType.PERCENT}
CHOICES = {FieldType.PICKLIST, FieldType.MULTIPICKLIST}
_STEM = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
MULTIPICKLIST_LENGTH = 4_099
"""Characters that one Salesforce multi-select field stores (Salesforce reference, section 7)."""


class Limits(Protocol):
    """The part of a blueprint's limits that decides about custom fields."""

    @property
    def name_length(self) -> int: ...
    @property
    def name_suffix(self) -> str: ...
    @property
    def label_length(self) -> int: ...
    @property
    def text_length(self) -> int: ...
    @property
    def long_text_length(self) -> int: ...
    @property
    def picklist_options(self) -> int: ...
    @property
    def multipicklist_options(self) -> int: ...
    @property
    def option_length(self) -> int: ...


LENGTHS: dict[FieldType, Callable[[Limits], tuple[int, int]]] = {
    FieldType.TEXT: lambda limits: (1, limits.text_length),
    FieldType.LONG_TEXT: lambda limits: (limits.text_length + 1, limits.long_text_length),
}


def api_name(label: str, taken: Collection[str], limits: Limits, *, fallback: str = "") -> str:
    """Return a free API name for a custom field, with the suffix.

    Letters, digits and single underscores, a letter first, at most ``name_length`` characters
    before the suffix; ``taken`` names (with suffix) are avoided without regard to case by a
    number at the end. A label without any Latin letter or digit is named for ``fallback``.
    """
    stem = _stem(label) or _stem(fallback) or "Field"
    used = {name.casefold() for name in taken}
    base = stem[: limits.name_length].rstrip("_")
    candidate, number = base, 1
    while f"{candidate}{limits.name_suffix}".casefold() in used:
        number += 1
        ending = f"_{number}"
        candidate = base[: limits.name_length - len(ending)].rstrip("_") + ending
    return candidate + limits.name_suffix


def obstacle(custom: Mapping[str, Any], limits: Limits) -> str:
    """Return why a definition edited by a person is not possible, empty when it is."""
    stem = str(custom["name"]).removesuffix(limits.name_suffix)
    if not str(custom["name"]).endswith(limits.name_suffix) or not _STEM.fullmatch(stem):
        return "A field name has letters, digits and single underscores, and begins with a letter."
    if len(stem) > limits.name_length:
        return f"A field name has at most {limits.name_length} characters before the suffix."
    if not 0 < len(str(custom["label"]).strip()) <= limits.label_length:
        return f"A label has between 1 and {limits.label_length} characters."
    kinds = {kind.value for kind in (*PLAIN, *LENGTHS, *NUMBERS, *CHOICES)}
    if custom["type"] not in kinds:
        return "There is no custom field of this type."
    kind = FieldType(custom["type"])
    if kind in LENGTHS:
        least, most = LENGTHS[kind](limits)
        if not isinstance(custom["length"], int) or not least <= custom["length"] <= most:
            return f"The length is between {least} and {most} characters."
    if kind in CHOICES and not _options_fit(list(custom["options"]), kind, limits):
        return "These options do not fit into a picklist."
    return ""


def _stem(label: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "_", ascii_text).strip("_")
    return f"X{stem}" if stem[:1].isdigit() else stem


def definition(source: Mapping[str, Any], name: str, limits: Limits) -> dict[str, Any]:
    """Return CUSTOM of the map document for a profiled source field.

    source  {"name", "label", "type", "multiple", "length_max", "samples",
            "options": [{"value", "label"}]}

    Text up to ``text_length`` becomes Text, longer text Long Text. Options too many, too long
    or holding a separator become text. A number field whose samples are no numbers (leading
    zeros, letters, too many digits) becomes Text as well.
    """
    found: dict[str, Any] = {
        "name": name,
        "label": (source["label"] or source["name"])[: limits.label_length].strip(),
        "type": FieldType.TEXT.value,
        "length": None,
        "precision": None,
        "scale": None,
        "options": [],
        "restricted": False,
        "unique": False,
        "external_id": False,
        "description": f"From Mekari Qontak, field {source['name']}."[:1000],
    }
    found.update(_typed(source, limits))
    return found


def _typed(source: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    kind = FieldType(source["type"])
    if kind in CHOICES:
        options = _options(source["options"])
        if _options_fit(options, kind, limits):
            return {"type": kind.value, "options": options}
        return _text(source, limits)
    if kind in NUMBERS:
        return _number(kind, source["samples"]) or _text(source, limits)
    if kind in PLAIN:
        return {"type": kind.value}
    if kind in (FieldType.LONG_TEXT, FieldType.RICH_TEXT):
        return {"type": FieldType.LONG_TEXT.value, "length": _long(source, limits)}
    return _text(source, limits)


def _options(options: Sequence[Mapping[str, Any]]) -> list[str]:
    labels = (transforms.text(str(o["label"] or o["value"])) for o in options)
    return list(dict.fromkeys(label for label in labels if label))


def _options_fit(options: list[str], kind: FieldType, limits: Limits) -> bool:
    if not options or any(len(option) > limits.option_length for option in options):
        return False
    if len({option.casefold() for option in options}) != len(options):
        return False
    if kind is FieldType.PICKLIST:
        return len(options) <= limits.picklist_options
    if any(";" in option for option in options) or len(options) > limits.multipicklist_options:
        return False
    return len(";".join(options)) <= MULTIPICKLIST_LENGTH


def _number(kind: FieldType, samples: Sequence[str]) -> dict[str, Any] | None:
    scale = 0
    for sample in samples:
        if sample.lstrip("+").startswith("0") and sample.isdecimal() and len(sample) > 1:
            return None
        try:
            value = transforms.percent(sample)
            transforms.decimal_text(value, precision=18, scale=6, rounding=False)
        except TransformError:
            return None
        exponent = value.normalize().as_tuple().exponent
        scale = max(scale, -exponent if isinstance(exponent, int) else 0)
    if kind is not FieldType.INTEGER or scale:
        scale = max(scale, 2)
    shown = FieldType.DECIMAL if kind is FieldType.INTEGER and scale else kind
    return {"type": shown.value, "precision": 18, "scale": scale}


def _text(source: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    longest = source["length_max"] or 0
    if source["multiple"]:
        longest *= 2  # the profile adds up the members, not what joins them
    if longest <= limits.text_length:
        return {"type": FieldType.TEXT.value, "length": limits.text_length}
    return {"type": FieldType.LONG_TEXT.value, "length": _long(source, limits)}


def _long(source: Mapping[str, Any], limits: Limits) -> int:
    return 32_768 if (source["length_max"] or 0) <= 32_768 else limits.long_text_length
