"""A service menu: its texts, what guests may choose, and which services stand on it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars.forms.addresses import NO_LETTERS, proposed_address
from calendars.forms.hours import Problem
from calendars.forms.texts import plain_lines, validate_one_line
from calendars.models import Calendar, CalendarGroup
from calendars.services.menus import set_services

ADDRESS_TAKEN = _("Another menu here has this address already.")
MOST = 999


class ServiceRow(forms.Form):
    """Whether a service stands on the menu, and where."""

    is_in = forms.BooleanField(required=False)
    place = forms.IntegerField(required=False, min_value=1, max_value=MOST)

    def __init__(self, data: Any, *, service: Calendar, menu: CalendarGroup) -> None:
        is_in = service.group_id is not None and service.group_id == menu.pk
        place = service.place_in_menu or None if is_in else None
        super().__init__(
            data, prefix=f"service-{service.pk}", initial={"is_in": is_in, "place": place}
        )
        self.service = service
        self.elsewhere = service.group if service.group_id and not is_in else None
        self.fields["is_in"].label = service.name
        self.fields["place"].label = gettext("Place of %(name)s") % {"name": service.name}


class MenuForm(forms.ModelForm[CalendarGroup]):
    class Meta:
        model = CalendarGroup
        fields = [
            *("name", "slug", "description", "is_active"),
            *("guests_may_combine", "guests_choose_host"),
        ]
        labels = {
            "name": _("Name"),
            "slug": _("Address"),
            "description": _("Description"),
            "is_active": _("Active"),
            "guests_may_combine": _("Guests may choose several services"),
            "guests_choose_host": _("Guests may choose who serves them"),
        }
        help_texts = {
            "description": _("Guests read it above the services."),
            "is_active": _("Off: its public page is not there."),
            "guests_may_combine": _("They follow one another, with the same host."),
            "guests_choose_host": _("Off: the rules of round robin choose."),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, services: Sequence[Calendar], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        self.fields["name"].validators.append(validate_one_line)
        self.fields["slug"].required = not is_new
        self.fields["slug"].help_text = (
            gettext("The last part of the public address. Left empty, it is made of the name.")
            if is_new
            else gettext("The last part of the public address. Links to the old one stop working.")
        )
        data = self.data if self.is_bound else None
        self.rows = [ServiceRow(data, service=one, menu=self.instance) for one in services]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for row in self.rows)])

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the places of services, beside the form's own errors."""
        return [
            Problem(f"{row['place'].label}: {error}", str(row["place"].auto_id))
            for row in self.rows
            for error in row.errors.get("place", [])
        ]

    def clean_description(self) -> str:
        return plain_lines(self.cleaned_data["description"])

    def clean_slug(self) -> str:
        typed: str = self.cleaned_data["slug"]
        if typed and self._is_taken(typed):
            raise forms.ValidationError(ADDRESS_TAKEN)
        name = self.cleaned_data.get("name", "")
        address = typed or proposed_address(name, is_taken=self._is_taken)
        if name and not address:
            raise forms.ValidationError(NO_LETTERS)
        return address

    def save_once(self) -> bool:
        """Save a valid form; false, with an error, where the address was taken in the meantime."""
        try:
            with transaction.atomic():
                set_services(self.save(), self._chosen())
        except IntegrityError:
            self.add_error("slug", ADDRESS_TAKEN)
            return False
        return True

    def _chosen(self) -> list[Calendar]:
        """By their places; those without one come last, as they are listed."""
        chosen = [row for row in self.rows if row.cleaned_data["is_in"]]
        chosen.sort(key=lambda row: row.cleaned_data["place"] or MOST + 1)
        return [row.service for row in chosen]

    def _is_taken(self, address: str) -> bool:
        others = CalendarGroup.objects.within(self.instance.sub_account)
        return others.exclude(pk=self.instance.pk).filter(slug=address).exists()
