"""Our own numbers in the reader's locale. Values of a customer's record are never sent here."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django import template
from django.utils.formats import number_format

register = template.Library()

NONE = "–"

Number = int | float | Decimal | str | None


def _decimal(value: Number) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        result = Decimal(str(value))
    except InvalidOperation:
        return None
    return result if result.is_finite() else None


@register.simple_tag
def number(value: Number, places: int | None = None, sign: bool = False) -> str:
    """Return a count in the locale's form: 128412 is "128,412", in Indonesian "128.412".

    places  digits after the decimal mark; all the value has unless given
    sign    write "+" before positive values (a true minus sign is always used)

    None and text that is no number become "–".
    """
    amount = _decimal(value)
    if amount is None:
        return NONE
    if places is not None:
        amount = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = number_format(abs(amount), decimal_pos=places, use_l10n=True, force_grouping=True)
    if amount < 0:
        return f"\N{MINUS SIGN}{text}"
    return f"+{text}" if sign and amount > 0 else text


@register.simple_tag
def percent(share: Number, places: int = 0) -> str:
    """Return a share from 0 to 1 as per cent: 0.61 is "61%".

    Rounding never claims all or nothing: 0.9996 is "99%" (or "99.9%" with one place) and
    0.0004 is "<1%" ("<0.1%"), because a few records left are what people look for.
    """
    amount = _decimal(share)
    if amount is None:
        return NONE
    step = Decimal(1).scaleb(-places)
    shown = (amount * 100).quantize(step, ROUND_HALF_UP)
    if shown == 0 and amount > 0:
        return f"<{number(step, places)}%"
    if shown == 100 and amount < 1:
        shown -= step
    return f"{number(shown, places)}%"


@register.simple_tag
def rupiah(amount: Number) -> str:
    """Return an amount in Rupiah: "Rp 214,806,512,000"; sen appear only when there are any."""
    value = _decimal(amount)
    if value is None:
        return NONE
    places = 0 if value == value.to_integral_value() else 2
    text = number(abs(value), places)
    return (
        f"\N{MINUS SIGN}Rp\N{NO-BREAK SPACE}{text}" if value < 0 else f"Rp\N{NO-BREAK SPACE}{text}"
    )
