"""Who serves a calendar."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from calendars.models import CalendarHost

PRIORITIES = [
    (priority.value, priority.label) for priority in sorted(CalendarHost.Priority, reverse=True)
]


class AddHostForm(forms.Form):
    """One of the members who do not host the calendar yet."""

    member = forms.ChoiceField(
        label=_("Member"),
        error_messages={"invalid_choice": _("Choose one of the members listed.")},
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        choices=PRIORITIES,
        coerce=int,
        initial=CalendarHost.Priority.MEDIUM,
    )

    def __init__(
        self, data: Any = None, *, members: Iterable[Member], has_priority: bool = True
    ) -> None:
        """`has_priority`: hosts take turns, so that it matters who comes first."""
        super().__init__(data)
        if not has_priority:
            self.fields["priority"].widget = forms.HiddenInput()
        self._members = {str(member.pk): member for member in members}
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            (pk, str(member.user)) for pk, member in self._members.items()
        ]

    def clean_member(self) -> Member:
        return self._members[self.cleaned_data["member"]]


class PriorityForm(forms.ModelForm[CalendarHost]):
    class Meta:
        model = CalendarHost
        fields = ["priority"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].choices = PRIORITIES  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    direction = forms.ChoiceField(choices=[("up", "Up"), ("down", "Down")])
