"""How what is read blocks, and what deletions mean."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from integrations.caldav.blocking import AllDay, ReadingRules
from integrations.models import Connection


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
