"""What people send when they decide a line or a rule, read into what the services take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping.blueprints.base import CustomFieldLimits
from mapping.errors import DecisionRefused
from mapping.workbench import TYPE_WORDS
from qontakmig.connectors.base import FieldType

MODES = ("field", "custom", "skip")

CUSTOM_TYPES = (
    FieldType.TEXT,
    FieldType.LONG_TEXT,
    FieldType.INTEGER,
    FieldType.DECIMAL,
    FieldType.CURRENCY,
    FieldType.PERCENT,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.BOOLEAN,
    FieldType.PICKLIST,
    FieldType.MULTIPICKLIST,
    FieldType.EMAIL,
    FieldType.PHONE,
    FieldType.URL,
)

POLICIES: dict[str, dict[str, dict[str, Any]]] = {
    "too_long": {
        "error": gettext_lazy("The record waits with an error"),
        "truncate": gettext_lazy("Cut the text at the end"),
    },
    "invalid": {
        "error": gettext_lazy("The record waits with an error"),
        "empty": gettext_lazy("Leave the field empty"),
        "keep": gettext_lazy("Keep it as typed"),
    },
    "rounding": {
        "error": gettext_lazy("The record waits with an error"),
        "round": gettext_lazy("Round it"),
    },
    "unmapped": {
        "error": gettext_lazy("The record waits with an error"),
        "empty": gettext_lazy("Leave the field empty"),
        "keep": gettext_lazy("Take the value over as it is"),
    },
}

POLICY_LABELS = {
    "too_long": gettext_lazy("When a text is too long"),
    "invalid": gettext_lazy("When a value cannot be read"),
    "rounding": gettext_lazy("When there are more decimals"),
    "unmapped": gettext_lazy("When a value is not in the list"),
}

_TEXTS = ("text", "long_text", "given_name", "family_name")
_READ = ("integer", "boolean", "date", "datetime", "email")
_NUMBERS = ("decimal", "currency", "percent")


def policies_of(kind: str) -> dict[str, tuple[str, ...]]:
    """Return option → allowed values, the default first, for a kind of conversion.

    The table of ``mapping.core.conversions``.
    """
    if kind in _TEXTS:
        return {"too_long": ("error", "truncate")}
    if kind == "phone":
        return {"invalid": ("keep", "error", "empty")}
    if kind == "url":
        return {"invalid": ("error", "empty", "keep")}
    if kind in _READ:
        return {"invalid": ("error", "empty")}
    if kind in _NUMBERS:
        return {"invalid": ("error", "empty"), "rounding": ("error", "round")}
    if kind in ("picklist", "multipicklist"):
        return {"unmapped": ("error", "empty", "keep")}
    return {}


def number_of(data: Mapping[str, Any], name: str, default: int = -1) -> int:
    """Return a whole number that was sent; the default where it is none."""
    try:
        return int(data.get(name, default))
    except (TypeError, ValueError):
        return default


def sent_policies(data: QueryDict, kind: str) -> dict[str, str]:
    """Return the policies that were sent and that this kind of conversion knows."""
    return {
        name: data[name] for name, allowed in policies_of(kind).items() if data.get(name) in allowed
    }


def sent_values(
    data: QueryDict, options: list[dict[str, Any]]
) -> tuple[dict[str, str | None], dict[str, dict[str, Any]]]:
    """Return (values, new values) of a value map; ``v3`` is what was chosen for the fourth option.

    Chosen is ``=Web`` (a value of the destination), ``-`` (leave empty), ``+`` (create; for
    stages ``+open``, ``+won``, ``+lost``), or nothing: then the option has no counterpart.
    """
    values: dict[str, str | None] = {}
    new: dict[str, dict[str, Any]] = {}
    for place, option in enumerate(options):
        chosen = data.get(f"v{place}", "")
        if chosen.startswith("="):
            values[option["value"]] = chosen[1:]
        elif chosen == "-":
            values[option["value"]] = None
        elif chosen.startswith("+"):
            values[option["value"]] = option["label"]
            new[option["label"]] = _stage_facts(option, chosen[1:])
    return values, new


def _stage_facts(option: Mapping[str, Any], outcome: str) -> dict[str, Any]:
    if "group" not in option and not outcome:
        return {}
    if outcome == "won":
        return {"probability": 100, "closed": True, "won": True}
    if outcome == "lost":
        return {"probability": 0, "closed": True, "won": False}
    chance = option.get("probability")
    percent = round(100 * float(chance)) if chance is not None else 0
    return {"probability": max(0, min(100, percent)), "closed": False, "won": False}


class CustomFieldForm(forms.Form):
    """A field that the destination is to get for a line."""

    label = forms.CharField(label=gettext_lazy("Label"))
    name = forms.CharField(label=gettext_lazy("API name"))
    type = forms.ChoiceField(label=gettext_lazy("Type"))
    length = forms.IntegerField(
        label=gettext_lazy("Length"), required=False, min_value=1, max_value=131_072
    )

    def __init__(self, *args: Any, limits: CustomFieldLimits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = limits
        self.fields["type"].choices = [(kind.value, TYPE_WORDS[kind]) for kind in CUSTOM_TYPES]
        self.fields["label"].max_length = limits.label_length
        self.fields["label"].validators.append(MaxLengthValidator(limits.label_length))

    def clean_name(self) -> str:
        """A developer name: letters, digits, single underscores, with the suffix of its kind."""
        name, suffix = self.cleaned_data["name"], self.limits.name_suffix
        stem = name.removesuffix(suffix)
        plain = re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", stem)
        if not name.endswith(suffix) or not plain or len(stem) > self.limits.name_length:
            raise forms.ValidationError(
                _(
                    "Up to %(length)d letters, digits and single underscores, beginning with a "
                    "letter, then %(suffix)s."
                )
                % {"length": self.limits.name_length, "suffix": suffix}
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, length = cleaned.get("type"), cleaned.get("length")
        most = self.limits.text_length
        if kind == FieldType.TEXT and length and length > most:
            self.add_error("length", _("Text holds up to %d characters: take Long text.") % most)
        if kind == FieldType.LONG_TEXT and length and length <= most:
            self.add_error("length", _("Long text starts above %d characters: take Text.") % most)
        return cleaned


def custom_changes(
    cleaned: Mapping[str, Any], proposed: Mapping[str, Any], conversion: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (custom, conversion): what differs from the proposed custom field.

    The conversion follows the type: a field made Text takes text, a number field is read as one.
    """
    kind = cleaned["type"]
    custom: dict[str, Any] = {"label": cleaned["label"], "name": cleaned["name"], "type": kind}
    if kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        standard = 255 if kind == FieldType.TEXT else 32_768
        custom["length"] = cleaned["length"] or standard
        changed: dict[str, Any] = {
            "kind": kind,
            "length": custom["length"],
            "too_long": conversion.get("too_long", "error"),
        }
    elif kind == proposed["type"]:
        return custom, {}
    elif kind in (FieldType.PICKLIST, FieldType.MULTIPICKLIST):
        raise DecisionRefused(
            _("This field has no list of values, or one that no picklist can hold.")
        )
    else:
        custom["length"] = None
        numbers = kind in _NUMBERS
        changed = {"kind": kind} | ({"precision": 18, "scale": 2} if numbers else {})
        custom |= {"precision": 18, "scale": 2} if numbers else {"precision": None, "scale": None}
        if kind == FieldType.INTEGER:
            custom |= {"precision": 18, "scale": 0}
    if proposed["options"] and kind != proposed["type"]:
        custom["options"] = []
    return custom, changed


class ConfirmForm(forms.Form):
    """The statement of the person who confirms, and the hash of what they read."""

    agreed = forms.BooleanField(
        error_messages={"required": gettext_lazy("Confirm that you have read the map.")}
    )
    seen = forms.CharField(max_length=64)
