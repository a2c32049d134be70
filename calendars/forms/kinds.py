"""The kinds of calendar, and which of the settings suit which."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.models import Calendar

Kind = Calendar.Kind
NOTES = {
    Kind.ROUND_ROBIN: _("One of its hosts, in turn."),
    Kind.COLLECTIVE: _("All of its hosts together."),
    Kind.CLASS: _("One host, several guests at the same time."),
    Kind.SERVICE: _("A service of the house, by one of its hosts; for service menus."),
    Kind.SIMPLE: _("No hosts, and the iCloud integration is not available for it."),
}
SHARED = (Kind.ROUND_ROBIN, Kind.CLASS, Kind.SERVICE, Kind.SIMPLE)
ONLY_FOR = {
    "seats": SHARED,
    "shows_seats_left": SHARED,
    "look_busy": (Kind.ROUND_ROBIN, Kind.COLLECTIVE, Kind.SERVICE, Kind.SIMPLE),
    "mode": (Kind.ROUND_ROBIN, Kind.SERVICE),
    "price": (Kind.SERVICE,),
    "group": (Kind.SERVICE,),
    "place_in_menu": (Kind.SERVICE,),
}


class KindRadios(forms.RadioSelect):
    """Each kind with a line on what it is."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["note"] = NOTES[Kind(value)]
        return option


def kinds_of(field: str) -> tuple[Kind, ...]:
    """The kinds of calendar that have this setting."""
    return ONLY_FOR.get(field, tuple(Kind))


def unsuited(kind: str) -> list[str]:
    """The settings that calendars of this kind do not have."""
    return [field for field, kinds in ONLY_FOR.items() if kind not in kinds]
