"""Time to block that repeats, for several people; and how much of it is meant afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from calendars.forms.blocking import BlockForm
from calendars.services.blocking_by_hand import Scope, Wanted
from calendars.services.repeating import (
    FURTHEST,
    MOST_TIMES,
    SATURDAY,
    Repeat,
    days_later,
    wall_clock,
)

REPEATS = [
    ("", _("Does not repeat")),
    (Repeat.DAILY.value, _("Every day")),
    (Repeat.WEEKDAYS.value, _("Monday to Friday")),
    (Repeat.WEEKLY.value, _("Every week")),
]


class NewBlockForm(BlockForm):
    """Admins say for whom; everybody else blocks their own time."""

    repeats = forms.ChoiceField(label=_("Repeats"), choices=REPEATS, required=False)
    until = forms.DateField(
        label=_("Repeats until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_(
            "The last day on which it can begin: a year ahead and 100 times at most. The hour "
            "stays the same by everybody’s own clock."
        ),
        error_messages={"invalid": _("Write a date such as 2026-12-24.")},
    )

    def __init__(
        self, *args: Any, member: Member, members: Iterable[Member], **kwargs: Any
    ) -> None:
        super().__init__(*args, zone=member.zone, **kwargs)
        self._member, self._members = member, {str(one.pk): one for one in members}
        if member.is_admin:
            self.fields["members"] = forms.MultipleChoiceField(
                label=_("For"),
                choices=[(pk, str(one.user)) for pk, one in self._members.items()],
                initial=[str(member.pk)],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Choose whose time it is.")},
            )

    @property
    def for_whom(self) -> list[Member]:
        """Of a valid form."""
        chosen = self.cleaned_data.get("members", [])
        return [self._members[pk] for pk in chosen] if self._member.is_admin else [self._member]

    def wanted(self) -> Wanted:
        return replace(super().wanted(), days=tuple(self._days()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        repeats = cleaned.get("repeats")
        if repeats and cleaned.get("starts_at") and cleaned.get("ends_at"):
            self._check_repeats(Repeat(repeats))
        return cleaned

    def _check_repeats(self, repeat: Repeat) -> None:
        is_longer = self.cleaned_data["ends_at"] - self.cleaned_data["starts_at"] > repeat.step
        begins_off = repeat is Repeat.WEEKDAYS and self._first_day.weekday() >= SATURDAY
        if "until" not in self.errors:
            self._check_until(self.cleaned_data["until"])
        if is_longer:
            self.add_error("ends_at", gettext("It has to end before it begins again."))
        if begins_off:
            self.add_error("starts_at", gettext("Begin on a day from Monday to Friday."))

    def _check_until(self, until: date | None) -> None:
        if until is None:
            self.add_error("until", gettext("Say until when it repeats."))
        elif until < self._first_day:
            self.add_error("until", gettext("That is before it begins."))
        elif until - self._first_day > FURTHEST:
            self.add_error("until", gettext("A year after the first day is the most."))
        elif (times := len(self._days())) > MOST_TIMES:
            said = gettext(
                "That would be %(times)s times; %(most)s are the most. Choose an earlier day."
            )
            self.add_error("until", said % {"times": times, "most": MOST_TIMES})

    @property
    def _first_day(self) -> date:
        return wall_clock(self.cleaned_data["starts_at"], self.zone).date()

    def _days(self) -> list[Any]:
        repeats, until = self.cleaned_data.get("repeats"), self.cleaned_data.get("until")
        first = self._first_day
        if not repeats or until is None:
            return days_later(first, Repeat.DAILY, until=first)
        return days_later(first, Repeat(repeats), until=until)


def scope_field(counts: Mapping[Scope, tuple[int, int]]) -> forms.ChoiceField:
    """How much of what was made together is meant, each with how much that is."""
    return forms.ChoiceField(
        label=_("How much of it"),
        choices=[(scope.value, _label(scope, *number)) for scope, number in counts.items()],
        initial=Scope.ONE.value,
        widget=forms.RadioSelect,
    )


class ScopeForm(forms.Form):
    def __init__(self, data: Any = None, *, counts: Mapping[Scope, tuple[int, int]]) -> None:
        super().__init__(data)
        self.fields["scope"] = scope_field(counts)


class EditBlockForm(BlockForm):
    """`shows_title`: the reader may read what it is for, else they leave that as it is."""

    def __init__(
        self,
        *args: Any,
        counts: Mapping[Scope, tuple[int, int]],
        shows_title: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not shows_title:
            del self.fields["title"]
        if len(counts) > 1:
            self.fields["scope"] = scope_field(counts)

    @property
    def scope(self) -> Scope:
        """Of a valid form."""
        return Scope(self.cleaned_data.get("scope", Scope.ONE))

    @property
    def keeps_title(self) -> bool:
        return "title" not in self.changed_data


def _label(scope: Scope, slots: int, people: int) -> str:
    if scope is Scope.ONE:
        return gettext("Only this one")
    say = _following if scope is Scope.FOLLOWING else _all_of_them
    return say(slots, people) % {"times": slots, "people": people}


def _following(slots: int, people: int) -> str:
    if people == 1:
        return ngettext(
            "This and the following: %(times)s time",
            "This and the following: %(times)s times",
            slots,
        )
    return gettext("This and the following: %(times)s times, of %(people)s people")


def _all_of_them(slots: int, people: int) -> str:
    if people == 1:
        return ngettext("All of them: %(times)s time", "All of them: %(times)s times", slots)
    return gettext("All of them: %(times)s times, of %(people)s people")
