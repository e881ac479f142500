"""One line of reason for each proposal, in English and Bahasa Indonesia."""

from .case import DestField, SourceField
from .pairs import Pair

Reason = tuple[str, str]
"""English, Bahasa Indonesia."""

SHAPES = {
    "mobile": ("samples are mobile numbers", "contoh nilainya nomor HP"),
    "landline": ("samples are landline numbers", "contoh nilainya nomor telepon kantor"),
    "email": ("samples are e-mail addresses", "contoh nilainya alamat email"),
    "rupiah": ("samples are Rupiah amounts", "contoh nilainya jumlah Rupiah"),
    "date": ("samples are dates", "contoh nilainya tanggal"),
    "datetime": ("samples are dates with time", "contoh nilainya tanggal dan jam"),
    "url": ("samples are web addresses", "contoh nilainya alamat web"),
    "percent": ("samples are percentages", "contoh nilainya persentase"),
    "yes_no": ("the choices are Ya and Tidak", "pilihannya Ya dan Tidak"),
}
BASES = {
    "name": (
        "{source} is a built-in field that means “{concept}”, as {dest} does",
        "{source} adalah field bawaan yang berarti “{concept}”, sama seperti {dest}",
    ),
    "concept": (
        "“{label}” and {dest} both mean “{concept}”",
        "“{label}” dan {dest} sama-sama berarti “{concept}”",
    ),
    "near": (
        "{dest} is the closest place for “{label}” ({concept})",
        "{dest} adalah tempat terdekat untuk “{label}” ({concept})",
    ),
    "words": ("“{label}” and {dest} have the same words", "“{label}” dan {dest} berkata sama"),
    "likeness": ("“{label}” is spelled much like {dest}", "ejaan “{label}” mirip dengan {dest}"),
    "options": (
        "the choices of “{label}” match those of {dest}",
        "pilihan pada “{label}” cocok dengan pilihan {dest}",
    ),
}


def pair_reason(source: SourceField, dest: DestField, pair: Pair, shape: str | None) -> Reason:
    """Return [English, Indonesian] for mapping ``source`` onto ``dest``."""
    facts = {
        "source": source.name,
        "label": source.label or source.name,
        "dest": dest.label or dest.name,
        "concept": " ".join(reversed(pair.concept.replace("_", " ").split("."))),
    }
    lines = [text.format(**facts) for text in BASES[pair.basis]]
    seen = SHAPES.get(shape or "")
    english, indonesian = (
        f"{line}; {seen[at]}." if seen else f"{line}." for at, line in enumerate(lines)
    )
    return english, indonesian


def taken_reason(source: SourceField, dest: DestField, winner: str) -> Reason:
    """Return why a field lost its destination to another one."""
    label, place = source.label or source.name, dest.label or dest.name
    return (
        f"“{label}” would fit {place}, but {winner} fits it better.",
        f"“{label}” cocok untuk {place}, tetapi {winner} lebih cocok.",
    )


def custom_reason(source: SourceField, dest_object: str, closest: DestField | None) -> Reason:
    """Return why a custom field is proposed, naming the closest standard field if any."""
    label = source.label or source.name
    if closest is None:
        return (
            f"{dest_object} has no field for “{label}”; a custom field keeps its values.",
            f"{dest_object} tidak punya field untuk “{label}”; custom field menyimpan isinya.",
        )
    place = closest.label or closest.name
    return (
        f"The closest field, {place}, means something else than “{label}”.",
        f"Field terdekat, {place}, artinya berbeda dari “{label}”.",
    )


def skip_reason(source: SourceField, concept: str | None, technical: bool) -> Reason:
    """Return why a field may be left behind."""
    label = source.label or source.name
    if concept == "other_end":
        return (
            f"“{label}” is the other end of a link that those records keep themselves.",
            f"“{label}” adalah ujung lain dari tautan yang disimpan data di seberangnya.",
        )
    if source.fill_rate == 0:
        return f"“{label}” is empty in every record.", f"“{label}” kosong di semua data."
    if technical:
        return (
            f"“{label}” is kept by the source system for itself.",
            f"“{label}” hanya dipakai sistem asal untuk keperluannya sendiri.",
        )
    return (
        f"Leave “{label}” behind if nobody needs its values.",
        f"Tinggalkan “{label}” bila isinya tidak diperlukan.",
    )
