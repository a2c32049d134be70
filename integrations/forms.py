from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from calendars.forms.blocking import WallClockField, check_span, tell_by
from calendars.forms.texts import validate_one_line
from integrations.caldav.blocking import AllDay, ReadingRules
from integrations.caldav.editing import MOST, Said, plain_title
from integrations.caldav.events import TITLE_LIMIT
from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import (
    NOT_YOURS,
    Choice,
    why_not_conflict,
    why_not_linked,
)


def app_password_field() -> forms.CharField:
    """Never shown again, not even to who has just typed it."""
    return forms.CharField(
        label=_("App-specific password"),
        max_length=200,
        help_text=_("16 letters, like abcd-efgh-ijkl-mnop. Not your Apple password."),
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ConnectForm(forms.Form):
    apple_id = forms.CharField(
        label=_("Apple ID"),
        max_length=254,
        help_text=_("The e-mail address you sign in to iCloud with."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "inputmode": "email",
                "spellcheck": "false",
            }
        ),
    )
    app_password = app_password_field()


class PasswordForm(forms.Form):
    app_password = app_password_field()


class DisconnectForm(forms.Form):
    """What becomes of the events of upcoming appointments, where they can be removed."""

    def __init__(self, data: Any = None, *, events: int) -> None:
        super().__init__(data)
        if events:
            self.fields["removes_events"] = forms.BooleanField(
                label=_so_many(events),
                required=False,
                help_text=_("This takes a moment; the password is erased when it is done."),
            )

    @property
    def removes_events(self) -> bool:
        return bool(self.cleaned_data.get("removes_events"))


class EventForm(forms.Form):
    """Title and time of an event, by the clock of its owner. `shown` is what it begins with, and
    `version` which state of the event that is."""

    title = forms.CharField(max_length=TITLE_LIMIT, required=False, validators=[validate_one_line])
    starts_at = WallClockField(label="From")
    ends_at = WallClockField(label="To")
    version = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(
        self, data: QueryDict | None, *, shown: Said, version: str, zone: ZoneInfo
    ) -> None:
        times = {"starts_at": shown.starts_at, "ends_at": shown.ends_at}
        super().__init__(data, initial={"title": shown.title, "version": version, **times})
        tell_by(zone, self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            # As it was: seconds, and an hour that the clock shows twice, are not in the field.
            if name in cleaned and name not in self.changed_data:
                cleaned[name] = self.initial[name]
        check_span(self, longest=MOST, too_long="A month is the most that an event may last here.")
        return cleaned

    @property
    def seen(self) -> str:
        """The version of the event that its owner saw."""
        return str(self.cleaned_data["version"])

    @property
    def wanted(self) -> Said:
        """What the owner wants it to say, once the form is valid."""
        chosen = self.cleaned_data
        return Said(plain_title(chosen["title"]), chosen["starts_at"], chosen["ends_at"])


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


def either(
    label: StrOrPromise, *, yes: StrOrPromise, no: StrOrPromise, help_text: StrOrPromise = ""
) -> forms.TypedChoiceField:
    """A choice between two, both in words."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("yes", yes), ("no", no)],
        coerce=lambda value: value == "yes",
        help_text=help_text,
        widget=forms.RadioSelect,
    )


class ExplainedRadios(forms.RadioSelect):
    """Each choice has a line beneath it that says what it means."""

    def __init__(self, notes: Mapping[str, StrOrPromise]) -> None:
        super().__init__()
        self.notes = notes

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["note"] = self.notes[value]
        return option


def explained(
    label: StrOrPromise,
    *,
    yes: tuple[StrOrPromise, StrOrPromise],
    no: tuple[StrOrPromise, StrOrPromise],
    initial: bool,
) -> forms.TypedChoiceField:
    """A choice between two, each with what it means; `no` comes first."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("no", no[0]), ("yes", yes[0])],
        coerce=lambda value: value == "yes",
        initial="yes" if initial else "no",
        widget=ExplainedRadios({"no": no[1], "yes": yes[1]}),
    )


class ReadingRulesForm(forms.Form):
    """How one conflict calendar is read. What was declined or cancelled is free in any case."""

    all_day = forms.ChoiceField(
        label=_("All-day events"),
        choices=[
            (AllDay.FOLLOW, _("Block my time if the event is marked as busy")),
            (AllDay.BUSY, _("Always block my time, even if the event is marked as free")),
            (AllDay.IGNORE, _("Never block my time")),
        ],
        widget=forms.RadioSelect,
    )
    unanswered_blocks = either(
        _("Invitations I have not answered"),
        yes=_("Block my time like other events"),
        no=_("Leave my time open until I accept"),
    )
    tentative_blocks = either(
        _("Tentative events"),
        yes=_("Block my time like other events"),
        no=_("Leave my time open"),
        help_text=_("Marked as tentative, or an invitation you answered with “Maybe”."),
    )
    travel_counts = either(
        _("Travel time"),
        yes=_("Blocks my time too, before and after the event"),
        no=_("Leaves my time open: only the event itself blocks"),
        help_text=_("As entered in Apple’s calendar."),
    )

    def __init__(self, data: Any = None, *, rules: ReadingRules) -> None:
        answers = {
            "unanswered_blocks": rules.unanswered_blocks,
            "tentative_blocks": rules.tentative_blocks,
            "travel_counts": rules.travel_counts,
        }
        said = {name: "yes" if is_so else "no" for name, is_so in answers.items()}
        super().__init__(data, initial={"all_day": rules.all_day.value, **said})

    @property
    def rules(self) -> ReadingRules:
        """What a valid form says."""
        chosen = self.cleaned_data
        return ReadingRules(
            AllDay(chosen["all_day"]),
            chosen["unanswered_blocks"],
            chosen["tentative_blocks"],
            chosen["travel_counts"],
        )


KEEPING = _("It is labelled as deleted, and nobody can book it until you release it.")
CANCELLING = _(
    "Its guests are told by e-mail, its time is free, and the events of other hosts are removed. "
    "Only where you are its primary host, it is still ahead, and it was not moved in Daybook "
    "meanwhile."
)
STAYING = _("It is labelled as deleted in iCloud. You can write its event again, or cancel it.")


class DeletionsForm(forms.Form):
    """What follows where somebody deletes an event of a connection in iCloud."""

    def __init__(self, data: Any = None, *, connection: Connection, kept: int) -> None:
        """`kept`: how many times ahead are kept so far."""
        super().__init__(data)
        self.fields["frees"] = explained(
            _("When an event is deleted in iCloud"),
            yes=(_("Free the time"), _freeing(kept)),
            no=(_("Keep the time blocked"), KEEPING),
            initial=connection.frees_deleted,
        )
        self.fields["cancels"] = explained(
            _("When an appointment’s event is deleted in iCloud"),
            yes=(_("Cancel the appointment"), CANCELLING),
            no=(_("Keep the appointment"), STAYING),
            initial=connection.cancels_deleted,
        )


def _freeing(kept: int) -> str:
    now = gettext("It can be booked at once.")
    if not kept:
        return now
    times = ngettext(
        "The one time kept so far is freed as you save.",
        "The %(number)s times kept so far are freed as you save.",
        kept,
    )
    return f"{now} {times % {'number': kept}}"


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


def _so_many(events: int) -> str:
    said = ngettext(
        "Remove %(number)s event of upcoming appointments from iCloud",
        "Remove %(number)s events of upcoming appointments from iCloud",
        events,
    )
    return said % {"number": events}


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
