"""The kinds of object a CRM has, whatever the system calls them."""

from .words import raw_words

KINDS = {
    "lead": "lead leads prospek",
    "contact": "contact contacts person people persons kontak traits identify user customer "
    "partner individual orang pelanggan nasabah siswa pasien",
    "company": "company companies account accounts organization organisation organizations "
    "perusahaan sales_account client instansi",
    "deal": "deal deals opportunity opportunities transaksi potential potentials quote order "
    "penawaran proyek project peluang",
    "ticket": "ticket tickets case cases issue tiket helpdesk incident kasus",
    "task": "task tasks activity activities event tugas appointment call",
    "product": "product products item produk",
}
OWN_WORDS = {
    "contact": frozenset({"contact", "customer", "lead"}),
    "company": frozenset({"company", "account", "customer"}),
    "deal": frozenset({"deal", "lead"}),
    "ticket": frozenset({"ticket", "complaint"}),
    "task": frozenset({"task", "activity"}),
    "product": frozenset({"product"}),
}
"""Canonical words that only repeat what the object is ("Company city" on a company)."""


def kind_of(object_name: str) -> str:
    """Return contact, company, deal, ticket, task or product; a lead is read as a contact."""
    words = raw_words(object_name)
    for position in reversed(range(len(words))):
        for kind, names in KINDS.items():
            if words[position] in names.split():
                return "contact" if kind == "lead" else kind
    return "contact"
