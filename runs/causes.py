"""What a reason code means for a person: what happened, what to do, and where it is mended.

Codes of our own are listed here. Every other code is the destination's, whose own sentence is kept
in ``Record.reason``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

MAP, SOURCE, DESTINATION, PARENT, OWNER = "map", "source", "destination", "parent", "owner"


@dataclass(frozen=True, slots=True)
class Meaning:
    """``mended`` is map, source, destination, parent or owner. What is mended in the destination
    can be tried again at once; the map and the source are read by a new run."""

    title: Text
    todo: Text
    mended: str


_IN_SOURCE = _("Correct the value in the source, or decide otherwise in the map; then run again.")
_IN_MAP = _("Decide it in the map, confirm the new version, then run again.")
_UNKNOWN = _("Correct it in the destination, then try these again.")

MEANINGS: dict[str, Meaning] = {
    "number_invalid": Meaning(_("A number cannot be read"), _IN_SOURCE, SOURCE),
    "number_too_large": Meaning(_("A number is larger than its field"), _IN_MAP, MAP),
    "number_too_precise": Meaning(_("A number has more decimals than its field"), _IN_MAP, MAP),
    "date_invalid": Meaning(_("A date cannot be read"), _IN_SOURCE, SOURCE),
    "date_out_of_range": Meaning(_("A date lies outside what the field holds"), _IN_SOURCE, SOURCE),
    "boolean_invalid": Meaning(_("A yes/no value cannot be read"), _IN_SOURCE, SOURCE),
    "email_invalid": Meaning(_("The e-mail address is not valid"), _IN_SOURCE, SOURCE),
    "phone_invalid": Meaning(_("The phone number is not valid"), _IN_SOURCE, SOURCE),
    "url_invalid": Meaning(_("The web address is not valid"), _IN_SOURCE, SOURCE),
    "text_broken": Meaning(_("A text holds broken characters"), _IN_SOURCE, SOURCE),
    "too_long": Meaning(_("A text is longer than its field"), _IN_MAP, MAP),
    "truncated": Meaning(_("A text was cut to fit its field"), _IN_MAP, MAP),
    "value_unmapped": Meaning(_("A value has no counterpart in the map"), _IN_MAP, MAP),
    "value_multiple": Meaning(_("Several values for a field that holds one"), _IN_MAP, MAP),
    "required_empty": Meaning(_("A field that must be filled is empty"), _IN_SOURCE, SOURCE),
    "duplicate_key": Meaning(
        _("Several records of the destination carry one migration key"),
        _("Merge them in the destination, then try these again."),
        DESTINATION,
    ),
    "parent_blocked": Meaning(
        _("Waits for a record that did not arrive"),
        _("It goes on by itself once that record is in the destination."),
        PARENT,
    ),
    "moved_elsewhere": Meaning(
        _("In the destination already, as another object"),
        _("Delete it there to move it again, or leave it."),
        DESTINATION,
    ),
    "no_email": Meaning(_("The user has no e-mail address"), _("Decide who gets them."), OWNER),
    "no_user": Meaning(
        _("No user with this e-mail address"), _("Decide who gets their records."), OWNER
    ),
    "inactive_user": Meaning(
        _("The user is inactive in the destination"), _("Decide who gets their records."), OWNER
    ),
    "several_users": Meaning(
        _("Several users have this e-mail address"), _("Decide who gets their records."), OWNER
    ),
    "owner_stand_in": Meaning(
        _("Written for the fallback owner"), _("Decide the owners, then run again."), OWNER
    ),
    "owner_unknown": Meaning(
        _("The owner does not exist in the source any more"),
        _("The fallback owner has them."),
        OWNER,
    ),
    "owner_missing": Meaning(
        _("The source names no owner"), _("The fallback owner has them."), OWNER
    ),
    "stand_in": Meaning(
        _("A required field was empty and got its stand-in"), _("Agreed in the map."), MAP
    ),
    "reference_several": Meaning(
        _("Several links for a field that holds one; the first was kept"),
        _("Agreed in the map."),
        MAP,
    ),
    "reference_other_object": Meaning(
        _("A link leads to a record that became another object, and was left empty"),
        _("Agreed in the split rule."),
        MAP,
    ),
    "reference_unknown": Meaning(
        _("A link leads to a record that the source does not have, and was left empty"),
        _("Nothing to do."),
        SOURCE,
    ),
    "created_again": Meaning(
        _("Deleted in the destination since the last run, and created again"),
        _("Nothing to do."),
        DESTINATION,
    ),
}


def meaning(code: str, reason: str = "") -> Meaning:
    """Return what ``code`` means; the destination's own codes speak through their ``reason``."""
    known = MEANINGS.get(code)
    return known or Meaning(reason or code or _("No reason given"), _UNKNOWN, DESTINATION)


def record_name(values: dict[str, Any]) -> str:
    """Return what people call a source record: its name, as typed; "" when it has none."""
    for key in ("name", "full_name", "title"):
        if isinstance(values.get(key), str) and values[key].strip():
            return str(values[key]).strip()
    parts = (values.get("first_name"), values.get("last_name"))
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
