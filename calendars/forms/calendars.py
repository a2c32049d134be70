"""The settings of a calendar, in the units that people think in."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from calendars.forms.texts import plain_lines, validate_one_line
from calendars.forms.zones import zone_field
from calendars.models import Calendar
from calendars.models.offers import NOTHING
from calendars.services.availability import bookable_time
from calendars.services.horizons import extend_feeds

RESERVED = "menu"  # `/book/<sub_account>/menu/` leads to service menus
ADDRESS_TAKEN = "Another calendar here has this address already."
LONGEST_ADDRESS = 50
MOST = 32_767  # what the column of a number holds
A_WEEK_IN_MINUTES = 7 * 24 * 60
KINDS = {
    Calendar.Kind.ROUND_ROBIN: "One of its hosts, in turn.",
    Calendar.Kind.COLLECTIVE: "All of its hosts together.",
    Calendar.Kind.CLASS: "One host, several guests at the same time.",
    Calendar.Kind.SERVICE: "A service of the house, by one of its hosts.",
    Calendar.Kind.SIMPLE: "No hosts, and the iCloud integration is not available for it.",
}
CLOSING_UNITS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
}
SECTIONS = (
    ("What is booked", (("name",), ("slug",), ("kind",), ("description",), ("location",))),
    (
        "When",
        (
            ("time_zone",),
            ("duration", "interval"),
            ("buffer_before", "buffer_after"),
            ("notice", "notice_unit"),
            ("horizon", "horizon_unit"),
        ),
    ),
    (
        "Guests",
        (
            ("needs_confirmation",),
            ("guests_may_reschedule",),
            ("guests_may_cancel",),
            ("changes_close", "changes_close_unit"),
        ),
    ),
)


class MinutesField(forms.IntegerField):
    """A length of time in whole minutes."""

    def __init__(self, *, least: int, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            min_value=least,
            max_value=A_WEEK_IN_MINUTES,
            error_messages={
                "invalid": "Enter a whole number of minutes.",
                "min_value": f"{least} is the least.",
                "max_value": "A week (10080 minutes) is the most.",
            },
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, timedelta):
            return value
        minutes, rest = divmod(value, timedelta(minutes=1))
        # A part of a minute is shown, and then refused: it is not dropped without a word.
        return minutes + rest / timedelta(minutes=1) if rest else minutes

    def clean(self, value: Any) -> timedelta | None:
        minutes = super().clean(value)
        return None if minutes is None else timedelta(minutes=minutes)


class KindRadios(forms.RadioSelect):
    """Each kind with a line on what it is."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["note"] = KINDS[Calendar.Kind(value)]
        return option


class CalendarForm(forms.ModelForm[Calendar]):
    template_name = "calendars/calendar_form.html"

    duration = MinutesField(least=1, label="Duration in minutes")
    interval = MinutesField(
        least=1, label="Slot interval in minutes", help_text="From one offered start to the next."
    )
    buffer_before = MinutesField(least=0, label="Buffer before in minutes")
    buffer_after = MinutesField(least=0, label="Buffer after in minutes")
    changes_close = forms.IntegerField(label="Changes close before the start", min_value=0)
    changes_close_unit = forms.ChoiceField(
        label="Unit of the closing time",
        choices=[(unit, unit.capitalize()) for unit in CLOSING_UNITS],
    )

    class Meta:
        model = Calendar
        fields = [
            *("name", "slug", "kind", "description", "location", "time_zone"),
            *("duration", "interval", "buffer_before", "buffer_after", "notice", "notice_unit"),
            *("horizon", "horizon_unit", "needs_confirmation", "guests_may_reschedule"),
            *("guests_may_cancel", "changes_close"),
        ]
        labels = {
            "slug": "Address",
            "notice": "Minimum notice",
            "notice_unit": "Unit of the notice",
            "horizon": "Bookable ahead",
            "horizon_unit": "Unit of the horizon",
            "needs_confirmation": "Bookings have to be confirmed",
            "guests_may_reschedule": "Guests may reschedule",
            "guests_may_cancel": "Guests may cancel",
        }
        help_texts = {
            "description": "Guests read it before they choose a time.",
            "location": "A place, a phone number or a link.",
            "notice": "How long before its start a time can be booked at the latest.",
            "horizon": "How far ahead times are offered: two years at most.",
        }
        widgets = {"kind": KindRadios, "description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance.pk is None
        self.fields["time_zone"] = zone_field(
            current=self.instance.time_zone,
            help_text="Days of notice and days ahead are counted in it.",
        )
        self.fields["name"].validators.append(validate_one_line)
        self.fields["location"].validators.append(validate_one_line)
        self.fields["slug"].required = not self.is_new
        self.fields["slug"].help_text = (
            "The last part of the public address. Left empty, it is made of the name."
            if self.is_new
            else "The last part of the public address. Links to the old one stop working."
        )
        self.fields["changes_close"].help_text = self.instance._meta.get_field(
            "changes_close"
        ).help_text
        self.fields["notice"].validators.append(MaxValueValidator(MOST))
        self._show_closing(self.instance.changes_close)

    @property
    def sections(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """Headings, each with its rows of fields."""
        return [
            (heading, [[self[name] for name in row] for row in rows]) for heading, rows in SECTIONS
        ]

    def clean_description(self) -> str:
        return plain_lines(self.cleaned_data["description"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._clean_address()
        self._clean_closing()
        return cleaned

    def save_once(self) -> bool:
        """Save a valid form; false, with an error, where the address was taken in the meantime."""
        try:
            with transaction.atomic():
                self.save()
                extend_feeds(self.instance)
        except IntegrityError:
            self.add_error("slug", ADDRESS_TAKEN)
            return False
        return True

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        bookable = bookable_time(self.instance, now=timezone.now())
        if bookable.opens >= bookable.closes:
            self.add_error(
                "horizon", "The minimum notice reaches as far: no time could ever be booked."
            )

    def _clean_address(self) -> None:
        if "slug" not in self.cleaned_data:
            return
        typed = self.cleaned_data["slug"]
        if not typed:
            self.cleaned_data["slug"] = self._proposed_address()
            return
        if typed == RESERVED:
            self.add_error("slug", "“menu” is kept for service menus. Choose another address.")
        elif self._is_taken(typed):
            self.add_error("slug", ADDRESS_TAKEN)

    def _proposed_address(self) -> str:
        """The name as an address, with a number where that one is taken."""
        stem = slugify(self.cleaned_data.get("name", ""))[: LONGEST_ADDRESS - 5].strip("-_")
        if not stem and "name" in self.cleaned_data:
            self.add_error("slug", "Write an address with letters a–z, digits and hyphens.")
        address, number = str(stem), 1
        while stem and (address == RESERVED or self._is_taken(address)):
            number += 1
            address = f"{stem}-{number}"
        return address

    def _is_taken(self, address: str) -> bool:
        others = Calendar.objects.within(self.instance.sub_account).exclude(pk=self.instance.pk)
        return others.filter(slug=address).exists()

    def _clean_closing(self) -> None:
        amount = self.cleaned_data.pop("changes_close", None)
        unit = self.cleaned_data.get("changes_close_unit")
        if amount is None or unit is None:
            return
        # Longer than a month is refused by the model; as a huge number it would not fit a length.
        self.cleaned_data["changes_close"] = min(amount, MOST * 2) * CLOSING_UNITS[unit]

    def _show_closing(self, closing: timedelta) -> None:
        """In the largest unit that needs no fraction."""
        unit = next((unit for unit, one in CLOSING_UNITS.items() if not closing % one), "minutes")
        unit = unit if closing != NOTHING else "hours"
        self.initial["changes_close"] = closing // CLOSING_UNITS[unit]
        self.initial["changes_close_unit"] = unit
