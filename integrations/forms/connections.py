"""Connecting an account, and leaving it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


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


def apple_id_field(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Apple ID"),
        max_length=254,
        required=required,
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


class ConnectForm(forms.Form):
    apple_id = apple_id_field(required=True)
    app_password = app_password_field()


class PasswordForm(forms.Form):
    """A new password, and another address of the same Apple ID where the old one is not used any
    more; left empty, it stays."""

    apple_id = apple_id_field(required=False)
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


def _so_many(events: int) -> str:
    said = ngettext(
        "Remove %(number)s event of upcoming appointments from iCloud",
        "Remove %(number)s events of upcoming appointments from iCloud",
        events,
    )
    return said % {"number": events}
