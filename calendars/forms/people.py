"""Whose week is shown."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Member


class PersonForm(forms.Form):
    user = forms.ChoiceField(label=_("Calendar of"))
    date = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *, members: Iterable[Member], shown: Member, day: str) -> None:
        super().__init__(auto_id="person_%s", initial={"user": shown.user_id, "date": day})
        self.fields["user"].choices = [  # type: ignore[attr-defined]
            (member.user_id, str(member.user)) for member in members
        ]
