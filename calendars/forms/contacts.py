"""What staff write about a contact, and whom they look for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.forms.shown import FormAsShown
from calendars.forms.texts import validate_ascii, validate_one_line
from calendars.models import Contact


class ContactSearchForm(forms.Form):
    template_name = "calendars/appointments/filter.html"

    q = forms.CharField(
        label=_("Name, e-mail or phone"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class ContactForm(FormAsShown):
    name = forms.CharField(label=_("Name"), max_length=150, validators=[validate_one_line])
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        validators=[validate_ascii],
        help_text=_("Guests are recognised by it when they book, so only one contact can have it."),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def __init__(self, data: Any, *, contact: Contact) -> None:
        known = {"name": contact.name, "email": contact.email, "phone": contact.phone}
        super().__init__(data, initial=known)
        self.show_initial(known)

    def changes(self) -> dict[str, str]:
        """What a valid form changes; a contact's other parts may have been put right meanwhile."""
        return {name: self.cleaned_data[name] for name in self.touched(self.fields)}
