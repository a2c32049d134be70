from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    UsernameField,
)
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, User, time_zone_names


def time_zone_field(*, empty_label: str = "") -> forms.ChoiceField:
    """A choice of time zones; left empty only where `empty_label` says what that means."""
    empty = [("", empty_label)] if empty_label else []
    places = sorted(name for name in time_zone_names() if "/" in name or name == "UTC")
    return forms.ChoiceField(choices=[*empty, *zip(places, places, strict=True)])


class ProfileForm(forms.ModelForm[Member]):
    full_name = forms.CharField(label=_("Name"), max_length=150)

    class Meta:
        model = Member
        fields = ["time_zone"]

    field_order = ["full_name", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["full_name"].initial = self.instance.user.full_name
        home = self.instance.sub_account
        zone = time_zone_field(
            empty_label=gettext("As %(name)s (%(zone)s)") % {"name": home, "zone": home.time_zone}
        )
        zone.required = False
        zone.help_text = _("The week is shown in it, and your all-day events begin and end by it.")
        zone.label = gettext("Time zone")
        self.fields["time_zone"] = zone

    def save(self, commit: bool = True) -> Member:  # noqa: FBT001, FBT002 -- Django's signature
        member = super().save(commit=commit)
        member.user.full_name = self.cleaned_data["full_name"]
        if commit:
            member.user.save(update_fields=["full_name"])
        return member


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("They are asked by e-mail, and are a member once they accept."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Member.Role.choices, initial=Member.Role.USER)


class RoleForm(forms.ModelForm[Member]):
    class Meta:
        model = Member
        fields = ["role"]


class SetPasswordLinkForm(PasswordResetForm):
    """Asks for a link to set a password. Works for invited people who never set one too."""

    def get_users(self, email: str) -> Iterable[User]:
        return User.objects.filter(email=email.strip().lower(), is_active=True)


class FocusOnce(forms.Form):
    """Once it was sent, the focus is on what is wrong with it and not on its first field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values() if self.is_bound else ():
            field.widget.attrs.pop("autofocus", None)


class SignInForm(FocusOnce, AuthenticationForm):
    username = UsernameField(label=_("Email"), widget=forms.TextInput(attrs={"autofocus": True}))


class ChangePasswordForm(FocusOnce, PasswordChangeForm):
    pass
