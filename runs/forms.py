"""Forms of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qontakmig.connectors.base import TargetUser

FALLBACK = "fallback"


class OwnerForm(forms.Form):
    """Who gets an unmatched owner's records: an active user of the destination, or the fallback."""

    def __init__(self, users: Sequence[TargetUser], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = forms.ChoiceField(
            choices=[(FALLBACK, _("Fallback owner")), *((user.id, user.name) for user in users)],
            error_messages={
                "required": _("Choose who gets the records."),
                "invalid_choice": _("This user is not active in the destination any more."),
            },
        )

    @property
    def target_user_id(self) -> str:
        """The destination user's id; "" for the fallback owner."""
        chosen = self.cleaned_data["owner"]
        return "" if chosen == FALLBACK else str(chosen)
