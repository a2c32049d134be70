"""Time zones to choose from."""

from functools import cache
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import time_zone_names

AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)

Choices = list[tuple[str, str | list[tuple[str, str]]]]


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone with that name, None where there is none; any text may be asked."""
    return ZoneInfo(name) if name in time_zone_names() else None


@cache
def zone_choices() -> Choices:
    """The zones named after places, by area; UTC first."""
    areas: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(time_zone_names()):
        area, _, place = name.partition("/")
        if area in AREAS:
            areas.setdefault(area, []).append((name, place.replace("_", " ").replace("/", ": ")))
    return [("UTC", "UTC"), *areas.items()]


def zone_field(*, current: str, help_text: str) -> forms.ChoiceField:
    """A choice of zones by area. The current one can be kept even if it is named after no place."""
    choices: Choices = zone_choices()
    named = {name for _, places in choices if not isinstance(places, str) for name, _ in places}
    if current not in named and current != "UTC":
        choices = [(current, current), *choices]
    return forms.ChoiceField(
        label="Time zone", choices=choices, initial=current, help_text=help_text
    )
