"""Form controls in the design system's classes."""

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """Return a bound field's widget with its class; Django itself adds the ARIA attributes."""
    widget = field.field.widget
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return field.as_widget()
    if isinstance(widget, forms.Select):
        name = "select"
    elif isinstance(widget, forms.Textarea):
        name = "textarea"
    else:
        name = "input"
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{name} {own}".strip()})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Return whether the control stands left of its label (one checkbox)."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Return whether the field is several controls, so that its label is a legend."""
    return bool(field.field.widget.use_fieldset)
