"""Stored sentences in the reader's language.

The map's core, the engine and the connectors know no language: a record's reason is evidence and
stays as it was written. Pages tell it with ``told``. Values within a sentence stay as they are.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import get_language, gettext, gettext_noop

from qontakmig.connection_sentences import CONNECTIONS

SENTENCES = (
    # of values that a field cannot hold
    gettext_noop("Longer than the %(length)s characters of this field."),
    gettext_noop("Cut to %(length)s characters, as the map says; %(lost)s lost."),
    gettext_noop("The map has no value for option %(value)s."),
    gettext_noop("A value without a counterpart is left out, as mapped."),
    gettext_noop("Several values for a single choice."),
    gettext_noop("It is kept as typed."),
    gettext_noop("The field is left empty, as the map says."),
    gettext_noop("The text holds half a character."),
    gettext_noop("This is not one phone number."),
    gettext_noop("A phone number has 8 to 15 digits."),
    gettext_noop("This is not one e-mail address."),
    gettext_noop("This is not one web address."),
    gettext_noop("This is not a number."),
    gettext_noop("The separators of this number do not fit."),
    gettext_noop("More than %(digits)s whole digits."),
    gettext_noop("More than %(digits)s decimals."),
    gettext_noop("More than 18 digits."),
    gettext_noop("A whole number is needed."),
    gettext_noop("Neither yes nor no."),
    gettext_noop("This date is out of range."),
    gettext_noop("This is not a date with a year of four digits."),
    gettext_noop("There is no such day."),
    gettext_noop("The time of day cannot be read."),
    gettext_noop("There is no such time of day."),
    # of records
    gettext_noop("Empty in the source, and the destination requires it."),
    gettext_noop("Empty in the source: the stand-in of the map is written."),
    gettext_noop("The source names no owner."),
    gettext_noop("The owner, user %(user)s, is not in the source any more."),
    gettext_noop("The default owner takes over."),
    gettext_noop("Waits for %(object)s %(id)s, which is not in the destination."),
    gettext_noop("One of %(count)s links is kept."),
    gettext_noop("This object is not part of the map."),
    gettext_noop(
        "%(object)s %(id)s went to another object than this field points to;"
        " the field is left empty."
    ),
    gettext_noop("%(object)s %(id)s does not exist in the source; the field is left empty."),
    gettext_noop("It is in the destination already, as %(object)s."),
    gettext_noop("%(count)s records of the destination carry the key of this one."),
    gettext_noop("Merge them there, then retry."),
    gettext_noop("The destination was busy with some of these records."),
    gettext_noop("The destination gave no answer."),
    gettext_noop("The destination gave no answer %(times)s times for this record alone."),
    # of owners
    gettext_noop("The source gives no e-mail address for this user."),
    gettext_noop("No user of the destination has this e-mail address."),
    gettext_noop("The destination's user with this e-mail address is inactive."),
    gettext_noop("Several active users of the destination have this e-mail address."),
    gettext_noop("The fallback owner gets the records."),
    gettext_noop("Decided by a person."),
    # of the destination's schema
    gettext_noop("%(field)s exists with the type %(type)s; %(wanted)s is needed."),
    gettext_noop("%(field)s exists with %(length)s characters; %(wanted)s are needed."),
    gettext_noop("%(field)s exists but is not an external id."),
    gettext_noop("%(field)s exists but is not unique."),
    gettext_noop("%(field)s exists, is restricted and lacks %(count)s of the needed values."),
    gettext_noop("%(field)s holds %(length)s characters; the map allows %(wanted)s."),
    gettext_noop("%(object)s has no field %(field)s."),
    gettext_noop("%(object)s has no field %(field)s that this user can see."),
    gettext_noop("%(object)s requires %(field)s; nothing fills it."),
    gettext_noop("The destination shows no object %(object)s to this user."),
    gettext_noop("%(field)s cannot be written."),
    gettext_noop("%(field)s can be written once only, at insert."),
    gettext_noop("%(field)s is restricted and has no active value “%(value)s”."),
    gettext_noop("%(field)s is restricted: values without a counterpart cannot be kept."),
    gettext_noop("Nothing was created. Correct the cause and apply again."),
    gettext_noop("The fields were created but are not as needed yet. Apply again."),
    # of runs that stopped
    gettext_noop("Nothing was lost. Resume; if it comes again, report it with the run's number."),
    gettext_noop("Nothing was written. Correct the connection, then resume."),
    gettext_noop("Nothing was written. Confirm the map again and start a new run."),
    gettext_noop("Nothing of this step was written. Correct the cause, then resume."),
    gettext_noop("The stored map is not the one that was confirmed."),
    # of what an audit takes the values of a field for
    gettext_noop("email"),
    gettext_noop("date"),
    gettext_noop("money"),
    gettext_noop("phone"),
    gettext_noop("number"),
    gettext_noop("yes or no"),
    gettext_noop("text"),
    gettext_noop("category"),
    gettext_noop("free text"),
    # of what reading back showed
    gettext_noop("equal"),
    gettext_noop("normalised"),
    gettext_noop("missing"),
    # of what a connection may do in the source
    gettext_noop("Read companies"),
    gettext_noop("Read contacts"),
    gettext_noop("Read deals"),
    gettext_noop("Read pipelines"),
    gettext_noop("Read chat users"),
    # of objects in the source
    gettext_noop("User"),
    gettext_noop("Users"),
    gettext_noop("Companies"),
    gettext_noop("Contacts"),
)
_HOLE = re.compile(r"%\((\w+)\)s")
_FIELD = re.compile(r"\w+: ")
_BETWEEN = re.compile(r"(?<=\.) ")


def told(text: str) -> str:
    """Return a stored text in the reader's language, as it is where nothing is known of it.

    ``text`` is one or several of SENTENCES and CONNECTIONS, or any other text of the catalogue; the
    name of a field and a colon may stand before them.
    """
    if not text or get_language() == "en":
        return text
    field = _FIELD.match(text)
    before = field[0] if field else ""
    for start in {"": 0, before: len(before)}.values():
        whole = _told(text[start:])
        if whole is not None:
            return text[:start] + whole
    sentences = _BETWEEN.split(text[len(before) :])
    return before + " ".join(_told(sentence) or sentence for sentence in sentences)


def _told(sentence: str) -> str | None:
    translated = gettext(sentence)
    if translated != sentence:
        return translated
    for msgid, form in _forms():
        if found := form.fullmatch(sentence):
            return gettext(msgid) % found.groupdict()
    return None


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the sentences with values in them, the longest first, as they are recognised."""
    holed = sorted((s for s in SENTENCES + CONNECTIONS if "%(" in s), key=len, reverse=True)
    return tuple((msgid, re.compile(_pattern(msgid))) for msgid in holed)


def _pattern(msgid: str) -> str:
    """A value does not reach beyond its sentence."""
    parts = _HOLE.split(msgid)
    return "".join(
        rf"(?P<{part}>(?:(?!\. ).)+?)" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )
