"""What a guest sends to move or cancel their appointment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars.forms.booking import FORM_ID, InstantField, TimesWidget
from calendars.forms.texts import LinesField, plain_lines
from calendars.services.openings import Time, sent_as
from calendars.services.telling import LONGEST_REASON


class NewTimesWidget(TimesWidget):
    """The time one has is shown among the others, and cannot be chosen."""

    current = ""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if option["time"].value == self.current:
            option["attrs"]["disabled"] = True
            option["time"] = replace(option["time"], note=gettext("Yours now"))
        return option


class RescheduleForm(forms.Form):
    start = InstantField(
        label=_("New time"),
        widget=NewTimesWidget(attrs={"form": FORM_ID}),
        error_messages={"required": _("Please choose a time.")},
    )

    def offer(self, times: Sequence[Time], *, current: datetime) -> None:
        """Show these times to choose from. What was chosen is not checked against them."""
        widget: Any = self.fields["start"].widget
        widget.choices = [(time.value, time) for time in times]
        widget.current = sent_as(current)


class CancelForm(forms.Form):
    reason = LinesField(
        max_length=LONGEST_REASON,
        required=False,
        label=_("Reason"),
        help_text=_("Whoever was expecting you reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reason(self) -> str:
        return plain_lines(self.cleaned_data["reason"])
