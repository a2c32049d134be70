"""Another way to choose hosts, to be tried on last month's bookings."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calendars.engine.choice import Mode
from calendars.forms.hosts import PRIORITIES
from calendars.models import Calendar, CalendarHost
from calendars.services.simulating import Trial


class SimulationForm(forms.Form):
    """How hosts are chosen, and of each member whether they are in the team, and how first.

    `priorities` are those of today's hosts. Members come in the order that hosts would have.
    """

    mode = forms.ChoiceField(label=_("Hosts are chosen to"), choices=Calendar.Mode.choices)

    def __init__(
        self,
        data: Any = None,
        *,
        calendar: Calendar,
        people: list[User],
        priorities: Mapping[int, int],
    ) -> None:
        super().__init__(data)
        self._people = people
        self.fields["mode"].initial = calendar.mode
        for user in people:
            self.fields[f"in_{user.pk}"] = forms.BooleanField(
                label=str(user), required=False, initial=user.pk in priorities
            )
            self.fields[f"priority_{user.pk}"] = forms.TypedChoiceField(
                label=gettext("Priority of %(name)s") % {"name": user},
                choices=PRIORITIES,
                coerce=int,
                initial=priorities.get(user.pk, CalendarHost.Priority.MEDIUM),
            )

    @property
    def rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Of each member, whether they are in, and their priority."""
        return ((self[f"in_{user.pk}"], self[f"priority_{user.pk}"]) for user in self._people)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"in_{user.pk}") for user in self._people):
            self.add_error(None, gettext("Nobody is in the team. Tick at least one member."))
        return cleaned

    def trial(self) -> Trial:
        """What a valid form wants to know."""
        says = self.cleaned_data
        team = {user: says[f"priority_{user.pk}"] for user in self._people if says[f"in_{user.pk}"]}
        return Trial(Mode(says["mode"]), team)
