"""Which calendars an account's appointments go to, and which are read."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from integrations.models import RemoteCalendar
from integrations.services.configuring import (
    NOT_YOURS,
    Choice,
    why_not_conflict,
    why_not_linked,
)


class CalendarOptions(forms.widgets.ChoiceWidget):
    """Shows each calendar with its colour and a note; out of reach where there is a reason."""

    def __init__(
        self,
        *,
        reason: Callable[[RemoteCalendar], str],
        note: Callable[[RemoteCalendar], str],
    ) -> None:
        super().__init__()
        self.reason, self.note = reason, note

    def create_option(
        self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if isinstance(label, RemoteCalendar):
            reason = self.reason(label)
            option["color"] = label.color
            option["note"] = reason or self.note(label)
            if reason:
                option["attrs"]["disabled"] = True
        return option


class CalendarRadios(CalendarOptions, forms.RadioSelect):
    pass


class CalendarTicks(CalendarOptions, forms.CheckboxSelectMultiple):
    pass


class LinkedForm(forms.Form):
    """One of the user's calendars to write appointments to, or none."""

    def __init__(
        self,
        data: Any = None,
        *,
        calendars: Iterable[RemoteCalendar],
        choice: Choice,
        upcoming: int = 0,
    ) -> None:
        super().__init__(data)
        self._offered = {str(calendar.pk): calendar for calendar in calendars}
        none = ("", _("None: events are read, appointments are not written to iCloud"))
        self.fields["calendar"] = forms.ChoiceField(
            label=_("Linked calendar"),
            required=False,
            choices=[none, *_by_account(self._offered.values())],
            initial=choice.linked.pk if choice.linked else "",
            widget=CalendarRadios(reason=why_not_linked, note=_shared),
            error_messages={"invalid_choice": gettext(NOT_YOURS)},
        )
        if upcoming:
            self.fields["takes_upcoming"] = _takes_upcoming(upcoming, is_first=not choice.linked)

    @property
    def takes_upcoming(self) -> bool:
        return bool(self.cleaned_data.get("takes_upcoming"))

    def clean_calendar(self) -> RemoteCalendar | None:
        if self.add_prefix("calendar") not in self.data:
            raise forms.ValidationError(_("Choose a calendar, or “None”."))
        calendar = self._offered.get(self.cleaned_data["calendar"])
        reason = why_not_linked(calendar) if calendar else ""
        if reason:
            raise forms.ValidationError(f"{calendar}: {reason}")
        return calendar


class ConflictsForm(forms.Form):
    """Any number of the user's calendars, checked for conflicts."""

    def __init__(
        self, data: Any = None, *, calendars: Iterable[RemoteCalendar], choice: Choice
    ) -> None:
        super().__init__(data)
        self._offered = {str(calendar.pk): calendar for calendar in calendars}
        self.fields["calendars"] = forms.MultipleChoiceField(
            label=_("Conflict calendars"),
            required=False,
            choices=_by_account(self._offered.values()),
            initial=[calendar.pk for calendar in choice.conflicts],
            widget=CalendarTicks(reason=why_not_conflict, note=partial(_note, choice)),
            error_messages={"invalid_choice": gettext(NOT_YOURS)},
        )

    def clean_calendars(self) -> list[RemoteCalendar]:
        return [self._offered[pk] for pk in self.cleaned_data["calendars"]]


def _takes_upcoming(upcoming: int, *, is_first: bool) -> forms.BooleanField:
    first = ngettext(
        "Write my upcoming appointment to it as well",
        "Write my %(number)s upcoming appointments to it as well",
        upcoming,
    )
    again = ngettext(
        "Move my upcoming appointment to it as well",
        "Move my %(number)s upcoming appointments to it as well",
        upcoming,
    )
    leaves = ngettext(
        "Its event leaves the calendar that is linked now.",
        "Their events leave the calendar that is linked now.",
        upcoming,
    )
    return forms.BooleanField(
        label=(first if is_first else again) % {"number": upcoming},
        required=False,
        initial=True,
        help_text="" if is_first else leaves,
    )


def _by_account(
    calendars: Iterable[RemoteCalendar],
) -> list[tuple[str, list[tuple[str, RemoteCalendar]]]]:
    return [
        (account, [(str(calendar.pk), calendar) for calendar in group])
        for account, group in groupby(calendars, key=lambda row: row.connection.account_name)
    ]


def _shared(calendar: RemoteCalendar) -> str:
    return gettext("Shared in iCloud") if calendar.is_shared else ""


def _note(choice: Choice, calendar: RemoteCalendar) -> str:
    notes = (
        gettext("Linked calendar") if calendar == choice.linked else "",
        _shared(calendar),
        gettext("Read-only") if calendar.can_write is False else "",
        gettext("iCloud no longer lists it: untick it if that is meant")
        if calendar.missing_since
        else "",
    )
    return " · ".join(note for note in notes if note)
