"""Time zones to choose from."""

from functools import cache
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import time_zone_names

AREAS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian"),
    "Pacific": _("Pacific"),
}

Choices = list[tuple[StrOrPromise, StrOrPromise | list[tuple[str, str]]]]


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone with that name, None where there is none; any text may be asked."""
    return ZoneInfo(name) if name in time_zone_names() else None


@cache
def zone_choices() -> Choices:
    """The zones named after places, by area; UTC first."""
    areas: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(time_zone_names()):
        area, _slash, place = name.partition("/")
        if area in AREAS:
            areas.setdefault(area, []).append((name, place.replace("_", " ").replace("/", ": ")))
    return [("UTC", "UTC"), *((AREAS[area], places) for area, places in areas.items())]


def zone_field(*, current: str, help_text: str) -> forms.ChoiceField:
    """A choice of zones by area. The current one can be kept even if it is named after no place."""
    choices: Choices = zone_choices()
    named = {name for _, places in choices if isinstance(places, list) for name, _ in places}
    if current not in named and current != "UTC":
        choices = [(current, current), *choices]
    return forms.ChoiceField(
        label=_("Time zone"), choices=choices, initial=current, help_text=help_text
    )
