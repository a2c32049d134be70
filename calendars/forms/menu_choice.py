"""What a guest chooses from a service menu: one service, or several in their order."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.models import Calendar, CalendarGroup
from calendars.services.combining import combined
from calendars.services.menus import offered_on

TOO_LONG = _("Together they take more than seven days. Please choose fewer.")


class ServicesWidget(forms.CheckboxSelectMultiple):
    template_name = "calendars/menu_services.html"

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["service"] = option["label"]
        return option


class OneServiceWidget(ServicesWidget):
    """The services to choose one of; what is sent is read as where several can be chosen."""

    input_type = "radio"


class ServicesForm(forms.Form):
    """Sent by GET, and with a booking."""

    use_required_attribute = False

    services = forms.MultipleChoiceField(
        error_messages={
            "required": _("Please choose a service."),
            "invalid_choice": _("One of these services cannot be booked here."),
        }
    )

    def __init__(self, data: Any, *, menu: CalendarGroup) -> None:
        super().__init__(data, auto_id="menu_%s")
        self.menu = menu
        self.offered = {service.slug: service for service in offered_on(menu)}
        field: Any = self.fields["services"]
        field.label = _("Services") if menu.guests_may_combine else _("Service")
        field.widget = ServicesWidget() if menu.guests_may_combine else OneServiceWidget()
        field.choices = list(self.offered.items())

    def clean_services(self) -> list[Calendar]:
        """In the order in which they were sent, each of them once."""
        chosen = [self.offered[slug] for slug in dict.fromkeys(self.cleaned_data["services"])]
        if len(chosen) > 1 and not self.menu.guests_may_combine:
            raise forms.ValidationError(_("Please choose one service only."))
        if combined(chosen).is_too_long:
            raise forms.ValidationError(TOO_LONG)
        return chosen
