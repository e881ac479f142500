"""Forms for projects and connections, drawn from what each system says it needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from projects import secrets
from projects.models import Connection, Project
from projects.systems import SYSTEMS, System, destinations
from projects.uploads import UploadRefused, uploads_check


class ProjectForm(forms.ModelForm):
    destination = forms.ChoiceField(label=_("Destination"))
    practice = forms.BooleanField(
        label=_("Between practice orgs on this machine"),
        required=False,
        help_text=_(
            "For trying things out with invented data. Its connections reach this machine and its"
            " network only, never a vendor. It stays so."
        ),
    )

    class Meta:
        model = Project
        fields = ("name", "destination", "practice")
        labels = {"name": _("Customer")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["destination"].choices = [(s.key, s.label) for s in destinations()]
        if not settings.PRACTICE_ALLOWED:
            del self.fields["practice"]


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    use_required_attribute = staticmethod(lambda initial: False)


class FilesField(forms.FileField):
    """Several files at once, checked by ``projects.uploads``."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(FilesField, self).clean(item) for item in data or []]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        try:
            uploads_check(files)
        except UploadRefused as exc:
            raise forms.ValidationError(str(exc), code="refused") from exc
        return files


class ConnectionForm(forms.Form):
    """The credentials of one side. A secret left empty keeps the one that is stored."""

    def __init__(
        self,
        system: System,
        *args: Any,
        stored: Connection | None = None,
        practice: bool = False,
        **kwargs: Any,
    ) -> None:
        self.system = system
        self.stored = stored if stored and stored.system == system.key else None
        self.kept = _stored_names(self.stored)
        self.asked = system.fields_asked(practice=practice and settings.PRACTICE_ALLOWED)
        super().__init__(*args, **kwargs)
        for described in self.asked:
            self.fields[described.name] = self._field(described)
        if system.uploads:
            self.fields["files"] = FilesField(
                label=system.uploads,
                required=self.stored is None,
                help_text=_(
                    "One file for each object; its name says which: contacts, companies, deals,"
                    " users. They replace the ones handed in before."
                ),
                widget=FilesInput(attrs={"accept": ".csv,.xlsx"}),
            )

    def _field(self, described: Any) -> forms.CharField:
        kept = described.secret and described.name in self.kept
        widget: forms.Widget = forms.TextInput(attrs={"placeholder": described.placeholder})
        if described.secret:
            widget = forms.PasswordInput(
                attrs={
                    "autocomplete": "off",
                    "placeholder": _("stored; leave empty to keep it") if kept else "",
                }
            )
        initial = (self.stored.config if self.stored else {}).get(described.name)
        return forms.CharField(
            label=described.label,
            help_text=described.help,
            required=described.required and not kept,
            widget=widget,
            max_length=4000,
            initial=None if described.secret else initial,
        )

    def config(self) -> dict[str, str]:
        """What may be shown again. Values that this form does not ask for are kept."""
        kept = dict(self.stored.config) if self.stored else {}
        return kept | {
            field.name: self.cleaned_data[field.name] for field in self.asked if not field.secret
        }

    def credentials(self) -> dict[str, str]:
        return {field.name: self.cleaned_data[field.name] for field in self.asked if field.secret}


def _stored_names(connection: Connection | None) -> set[str]:
    """Return which credentials are stored; none where they cannot be read any more."""
    try:
        stored = secrets.unseal(connection) if connection else {}
    except secrets.Unreadable:
        return set()
    return {name for name, text in stored.items() if text}


def systems_for(project: Project, side: str) -> list[System]:
    """Return the systems that can stand on ``side`` of ``project``."""
    if side == Connection.Side.SOURCE:
        return [system for system in SYSTEMS.values() if system.role == "source"]
    return [SYSTEMS[project.destination]]
