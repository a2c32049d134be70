"""What staff write about an appointment's guest: as they book for them, and to put it right."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from calendars.forms.shown import FormAsShown
from calendars.forms.texts import LinesField, plain_lines, validate_ascii, validate_one_line
from calendars.forms.zones import zone_field
from calendars.services.booking import Guest
from calendars.services.correcting import PARTS


class LanguageField(forms.ChoiceField):
    """A language that Daybook speaks: the one that the page is shown in, unless another is sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=settings.LANGUAGES, initial=get_language, **kwargs)

    def clean(self, value: Any) -> Any:
        return super().clean(value or get_language())


class GuestFields(forms.Form):
    """Who comes."""

    name = forms.CharField(
        label=_("Guest’s name"),
        max_length=150,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        validators=[validate_ascii],
        help_text=_("Where the guest is told of it. Without one you tell them yourself."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = LanguageField(
        label=_("Language of the guest"), help_text=_("E-mails to the guest are written in it.")
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    notes = LinesField(
        label=_("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]

    def clean_notes(self) -> str:
        return plain_lines(self.cleaned_data["notes"])

    def guest(self, *, time_zone: str) -> Guest:
        clean = self.cleaned_data
        return Guest(
            clean["name"],
            clean["email"],
            clean["phone"],
            clean["notes"],
            time_zone,
            clean.get("language", settings.LANGUAGE_CODE),
        )


class CorrectionForm(FormAsShown, GuestFields):
    """The guest as the appointment has them, to put right; `knows_contact` where the contact has
    the same address, and so most likely the same mistake."""

    with_contact = forms.BooleanField(
        label=_("Change the contact as well"),
        required=False,
        help_text=_("Only in what you change here. Other appointments stay as they are."),
    )
    field_order = ("name", "email", "phone", "language", "time_zone", "notes", "with_contact")

    def __init__(self, data: Any, *, guest: Guest, knows_contact: bool) -> None:
        super().__init__(data, initial={**asdict(guest), "with_contact": knows_contact})
        self.fields["email"].help_text = gettext(
            "A new address gets the confirmation with a new private link. "
            "The link in earlier e-mails stops working."
        )
        self.fields["time_zone"] = zone_field(
            current=guest.time_zone, help_text=gettext("E-mails to the guest show times in it.")
        )
        self.order_fields(self.field_order)
        self.show_initial(PARTS)

    def corrected(self) -> Guest:
        """The guest as a valid form has them."""
        return self.guest(time_zone=self.cleaned_data["time_zone"])
