"""One telephone number, in the spellings people type."""

_PREFIXES = ("811", "812", "813", "821", "822", "852", "853", "857", "858", "877", "878", "896")


def digits(draw: int) -> str:
    """Return the national significant number of a mobile, without 0 or 62."""
    return _PREFIXES[draw % len(_PREFIXES)] + f"{draw // len(_PREFIXES) % 10**8:08d}"


def spell(number: str, choice: int) -> str | None:
    """Return the number as typed: many spellings, two in one field, masked, or none."""
    n, a, b, c = choice % 100, number[:3], number[3:7], number[7:]
    if n < 30:
        return f"62{number}"
    if n < 53:
        return f"0{number}"
    if n < 65:
        return f"+62 {a}-{b}-{c}"
    if n < 75:
        return f"+62{number}"
    if n < 80:
        return f"62-{a}-{b}-{c}"
    if n < 86:
        return f"0{a} {b} {c}"
    if n < 88:
        return f"(0{a}) {b}.{c}"
    if n < 91:
        return f"0{number} / 0{a}{c}{b}"
    if n == 91:
        return f"62{a}*****{c[-3:]}"
    if n < 94:
        return f"(021) {b[:3]}-{c}"
    return None if n == 94 else ""
