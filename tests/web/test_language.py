"""Bahasa Indonesia: the catalogue is whole and true, and pages, numbers and dates speak it."""

from __future__ import annotations

import ast
import datetime
import gettext as catalogues
import re
from collections import Counter
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation.template import templatize

from mapping.blueprints import blueprint_get
from mapping.reasons import reason_told
from projects.models import AuditEntry
from qontakmig.told import told
from runs.changes import changes

FOLDER = settings.BASE_DIR / "locale" / "id" / "LC_MESSAGES"
MAPPING_KEYS = re.compile(r"%\((\w+)\)[-.\d]*[sdf]")
POSITIONS = re.compile(r"%[-.\d]*[sdf](?!\w)")
TAGS = re.compile(r"</?\w[^>]*>")
MOST_UNTRANSLATED = 20
"""Sentences that a change may bring before somebody runs ``make messages``."""


@dataclass(frozen=True)
class Entry:
    msgid: str
    plural: str
    text: str
    fuzzy: bool


def read_po(path) -> list[Entry]:
    """Return the entries of a .po file without its header."""
    entries = []
    for block in path.read_text().split("\n\n"):
        parts: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if match := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                key = match[1]
                parts[key] = ast.literal_eval(match[2])
            elif line.startswith('"'):
                parts[key] += ast.literal_eval(line)
        assert "msgctxt" not in parts, "the reader of this test knows no contexts"
        text = parts.get("msgstr", parts.get("msgstr[0]", ""))
        fuzzy = any("fuzzy" in line for line in block.splitlines() if line.startswith("#,"))
        if parts.get("msgid"):
            entries.append(Entry(parts["msgid"], parts.get("msgid_plural", ""), text, fuzzy))
    return entries


@pytest.fixture(scope="module")
def entries():
    return read_po(FOLDER / "django.po")


@pytest.fixture(autouse=True)
def _language_kept():
    """A request leaves its language behind in the thread; other tests expect English."""
    before = translation.get_language()
    yield
    translation.activate(before)


@pytest.fixture
def indonesian():
    with translation.override("id"):
        yield


def test_no_entry_is_empty_or_fuzzy(entries):
    assert len(entries) > 1000
    assert [entry.msgid for entry in entries if not entry.text or entry.fuzzy] == []


def test_every_translation_keeps_its_placeholders_and_tags(entries):
    for entry in entries:
        meant = entry.plural or entry.msgid
        for pattern in (MAPPING_KEYS, POSITIONS, TAGS):
            found = Counter(pattern.findall(entry.text))
            assert found == Counter(pattern.findall(meant)), entry.msgid


def test_the_compiled_catalogue_is_made_of_the_text_beside_it(entries):
    with (FOLDER / "django.mo").open("rb") as compiled:
        catalogue = catalogues.GNUTranslations(compiled)
    told = {
        entry.msgid: catalogue.ngettext(entry.msgid, entry.plural, 2)
        if entry.plural
        else catalogue.gettext(entry.msgid)
        for entry in entries
    }
    assert told == {entry.msgid: entry.text for entry in entries}
    # The catalogue's own header is its only other entry; a plural counts once.
    assert len(catalogue._catalog) == len(entries) + 1


def test_what_templates_and_code_mark_is_in_the_catalogue(entries):
    known = {entry.msgid for entry in entries}
    marked = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        marked |= marked_in_template(path.read_text())
    for room in ("projects", "mapping", "runs", "qontakmig"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if "simulators" not in path.parts:
                marked |= marked_in_code(path.read_text())
    assert len(marked) > 1000
    assert len(marked - known) <= MOST_UNTRANSLATED, sorted(marked - known)


def marked_in_template(text: str) -> set[str]:
    """Return the msgids that Django's own extraction finds in a template."""
    code = templatize(text)
    calls = re.findall(r"""\bn?gettext\((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")""", code)
    calls += re.findall(r"""\b_\((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")""", code)
    return {ast.literal_eval(call.partition("(")[2]) for call in calls}


def marked_in_code(text: str) -> set[str]:
    """Return the first argument of every gettext call whose argument is a text."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            named = node.func.id == "_" or "gettext" in node.func.id
            if named and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found - {""}


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("{% number 128412 %}", "128.412"),
        ("{% number 0.5 1 %}", "0,5"),
        ("{% percent 0.614 1 %}", "61,4%"),
        ("{% rupiah 214806512000 %}", "Rp\N{NO-BREAK SPACE}214.806.512.000"),
    ],
)
def test_numbers_are_written_as_in_indonesia(indonesian, tag, shown):
    assert Template("{% load numbers %}" + tag).render(Context()) == shown


def test_dates_are_written_as_in_indonesia(indonesian):
    day = datetime.date(2026, 8, 17)

    assert date_format(day, "j F Y") == "17 Agustus 2026"
    assert date_format(day, "j M Y") == "17 Agu 2026"


@pytest.mark.django_db
def test_the_sign_in_page_speaks_the_chosen_language(client):
    client.cookies["django_language"] = "id"

    page = client.get(reverse("login")).content.decode()

    assert '<html lang="id"' in page
    assert "Masuk" in page
    assert "Sign in" not in page


@pytest.mark.django_db
def test_a_project_is_told_in_indonesian(rani, project):
    rani.cookies["django_language"] = "id"

    page = rani.get(reverse("runs:home", args=[project.pk])).content.decode()

    for text in ("Hubungkan", "Discovery", "Pemetaan", "Langkah berikutnya", "Kecocokan"):
        assert text in page
    for text in ("Next action", "Compatibility", "Opens when"):
        assert text not in page


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 3])
def test_one_and_several_keep_their_number(indonesian, project, consultant, times):
    """Indonesian has one form for one and for several; it names the number for both."""
    membership = project.memberships.get(user=consultant)
    for _time in range(times):
        AuditEntry.objects.create(
            project=project, actor=consultant, action="line:accepted", facts={}
        )

    texts = [change.text for change in changes(membership)]

    assert f"Anda menerima {times} field" in texts


def test_the_blueprint_speaks_indonesian(indonesian):
    rows = blueprint_get("salesforce").rows
    told = [str(row.text) for row in rows]
    with translation.override("en"):
        english = [str(row.text) for row in rows]

    assert str(rows[1].source) == "Perusahaan"
    assert not set(told) & set(english)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("", ""),
        ("There is no such day.", "Tidak ada hari seperti itu."),
        ("Tanggal__c: There is no such day.", "Tanggal__c: Tidak ada hari seperti itu."),
        (
            "Name: Longer than the 255 characters of this field.",
            "Name: Lebih panjang dari 255 karakter yang dimuat field ini.",
        ),
        (
            "This is not a number. The field is left empty, as the map says.",
            "Ini bukan angka. Field dikosongkan, sesuai pemetaan.",
        ),
        (
            "Account.Grade__c is restricted and has no active value “A: 1”.",
            "Account.Grade__c dibatasi dan tidak punya nilai aktif “A: 1”.",
        ),
        (
            "Salesforce cannot be reached: acme.my.salesforce.com does not accept a connection."
            " Nothing yet: it is tried again.",
            "Salesforce tidak dapat dijangkau: acme.my.salesforce.com tidak menerima koneksi."
            " Belum perlu tindakan: dicoba lagi.",
        ),
        ("REQUIRED_FIELD_MISSING: [LastName]", "REQUIRED_FIELD_MISSING: [LastName]"),
        ("100% of it. There is no such day.", "100% of it. Tidak ada hari seperti itu."),
    ],
)
def test_stored_sentences_are_told_in_indonesian(indonesian, stored, shown):
    assert told(stored) == shown


def test_stored_sentences_stay_as_they_are_in_english():
    with translation.override("en"):
        assert told("Tanggal__c: There is no such day.") == "Tanggal__c: There is no such day."


def test_every_sentence_of_the_conversions_is_told_in_indonesian(indonesian):
    """Whatever ``mapping.core`` says of a value reaches the pages through ``told``."""
    core = settings.BASE_DIR / "mapping" / "core"
    said = [
        message
        for name in ("transforms.py", "conversions.py")
        for message in messages_raised((core / name).read_text())
    ]
    assert len(said) > 20
    assert [message for message in said if told(message) == message] == []


def messages_raised(code: str) -> list[str]:
    """Return the messages of every TransformError in ``code``, 7 for what is filled in."""
    calls = [
        node.args[1]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TransformError"
    ]
    texts = [node.value for node in calls if isinstance(node, ast.Constant)]
    filled = [node.values for node in calls if isinstance(node, ast.JoinedStr)]
    return texts + [
        "".join(
            getattr(part, "value", "") if isinstance(part, ast.Constant) else "7" for part in parts
        )
        for parts in filled
    ]


PROPOSAL = {
    "candidates": [
        {"reason": "Both mean “phone”.", "reason_id": "Sama-sama berarti “phone”."},
        {"reason": "The closest field.", "reason_id": "Field terdekat."},
    ]
}


@pytest.mark.parametrize(
    ("language", "reason", "told"),
    [
        ("en", "The closest field.", "The closest field."),
        ("id", "The closest field.", "Field terdekat."),
        ("id", "Value of the deal.", "Nilai deal."),
        ("id", "as a person typed it", "as a person typed it"),
        ("id", "", ""),
    ],
)
def test_reasons_are_told_in_the_readers_language(language, reason, told):
    with translation.override(language):
        assert reason_told(reason, PROPOSAL) == told
