"""The form of an agency: its name, and what it gives to public pages."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Agency, Logo
from accounts.pictures import LARGEST, NotAPicture, Picture, picture_in
from accounts.services.branding import wear


class LogoWidget(AdminFileWidget):
    clear_checkbox_label = "Remove the logo"
    initial_text = "Now"
    input_text = "Another one"


class LogoField(forms.FileField):
    """Gives a Picture; False where the logo is to be removed; else what it was given before."""

    widget = LogoWidget(attrs={"accept": "image/png,image/jpeg,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = super().clean(data, initial)
        return _picture(chosen) if isinstance(chosen, UploadedFile) else chosen


class AgencyForm(forms.ModelForm[Agency]):
    logo = LogoField(
        required=False,
        help_text=f"PNG, JPEG or WebP, {LARGEST // 1000} kB at most. It stands beside a"
        " sub-account's name on its public pages, on a light ground.",
    )
    logo_words = forms.CharField(
        required=False,
        max_length=150,
        label="Logo in words",
        help_text="What is said to people who do not see it. Empty: the agency's name.",
    )

    class Meta:
        model = Agency
        fields = ["name", "colour"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worn = Logo.objects.filter(agency=self.instance.pk).defer("content").first()
        if self.worn:
            self.initial.update(logo=self.worn, logo_words=self.worn.words)

    def clean_colour(self) -> str:
        return str(self.cleaned_data["colour"]).lower()

    def save_logo(self) -> None:
        """Of the agency, once that is saved."""
        chosen, agency = self.cleaned_data["logo"], self.instance
        words = self.cleaned_data["logo_words"]
        if isinstance(chosen, Picture):
            wear(agency, chosen, words=words)
        elif chosen is False:
            Logo.objects.filter(agency=agency).delete()
        else:
            Logo.objects.filter(agency=agency).update(words=words)


def _picture(file: UploadedFile[Any]) -> Picture:
    try:
        # One byte more tells that it is too large, however large it is.
        return picture_in(file.read(LARGEST + 1))
    except NotAPicture as error:
        raise forms.ValidationError(str(error)) from error
