"""Stored sentences in templates, in the reader's language."""

from django import template

from qontakmig import told as sentences

register = template.Library()


@register.filter
def told(text: object) -> str:
    """Return a stored sentence as the reader's language has it; None is nothing."""
    return "" if text is None else sentences.told(str(text))
