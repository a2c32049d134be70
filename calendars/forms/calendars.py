"""The settings of a calendar, in the units that people think in."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from calendars.forms.addresses import NO_LETTERS, proposed_address
from calendars.forms.kinds import KindRadios, kinds_of, unsuited
from calendars.forms.lengths import MinutesField, as_written, length_of, unit_field
from calendars.forms.texts import plain_lines, validate_one_line
from calendars.forms.zones import zone_field
from calendars.models import Calendar, CalendarGroup
from calendars.services.availability import bookable_time
from calendars.services.changing_kind import why_not
from calendars.services.horizons import extend_feeds

RESERVED = "menu"  # `/book/<sub_account>/menu/` leads to service menus
ADDRESS_TAKEN = _("Another calendar here has this address already.")
MOST = 32_767  # what the column of a number holds
LENGTHS = ("changes_close", "reminds_before")
SECTIONS = (
    (_("What is booked"), (("name",), ("slug",), ("kind",), ("description",), ("location",))),
    (_("On the menu"), (("price",), ("group",), ("place_in_menu",))),
    (
        _("When"),
        (
            ("time_zone",),
            ("duration", "interval"),
            ("is_aligned",),
            ("buffer_before", "buffer_after"),
            ("notice", "notice_unit"),
            ("horizon", "horizon_unit"),
        ),
    ),
    (
        _("How many, and with whom"),
        (("seats",), ("shows_seats_left",), ("daily_limit",), ("look_busy",), ("mode",)),
    ),
    (
        _("Guests"),
        (
            ("needs_confirmation",),
            ("guests_may_reschedule",),
            ("guests_may_cancel",),
            ("changes_close", "changes_close_unit"),
            ("reminds_before", "reminds_before_unit"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Fields in a line, and the kinds of calendar that have them; empty for all."""

    fields: list[forms.BoundField]
    kinds: str


@dataclass(frozen=True, slots=True)
class Section:
    heading: StrOrPromise
    rows: list[Row]

    @property
    def kinds(self) -> str:
        """Those of its rows where all have the same ones."""
        each = {row.kinds for row in self.rows}
        return each.pop() if len(each) == 1 else ""


class CalendarForm(forms.ModelForm[Calendar]):
    template_name = "calendars/calendar_form.html"

    duration = MinutesField(least=1, label=_("Duration in minutes"))
    interval = MinutesField(
        least=1,
        label=_("Slot interval in minutes"),
        help_text=_("From one offered start to the next."),
    )
    buffer_before = MinutesField(least=0, label=_("Buffer before in minutes"))
    buffer_after = MinutesField(least=0, label=_("Buffer after in minutes"))
    changes_close = forms.IntegerField(
        label=_("Changes close before the start"),
        min_value=0,
        help_text=_("So long before the start, guests can no longer reschedule or cancel."),
    )
    changes_close_unit = unit_field(_("Unit of the closing time"))
    reminds_before = forms.IntegerField(
        label=_("Guests are reminded before the start"),
        min_value=1,
        required=False,
        help_text=_("Empty: nobody is reminded."),
    )
    reminds_before_unit = unit_field(_("Unit of the reminder"))

    class Meta:
        model = Calendar
        fields = [
            *("name", "slug", "kind", "description", "location", "price", "group"),
            *("place_in_menu", "time_zone", "duration", "interval", "is_aligned"),
            *("buffer_before", "buffer_after", "notice", "notice_unit", "horizon"),
            *("horizon_unit", "seats", "shows_seats_left", "daily_limit", "look_busy", "mode"),
            *("needs_confirmation", "guests_may_reschedule", "guests_may_cancel"),
            *("changes_close", "reminds_before"),
        ]
        labels = {
            "name": _("Name"),
            "slug": _("Address"),
            "kind": _("Kind"),
            "description": _("Description"),
            "location": _("Location"),
            "price": _("Price"),
            "group": pgettext_lazy("setting", "Service menu"),
            "place_in_menu": _("Place in menu"),
            "is_aligned": _("Times are aligned to the clock"),
            "notice": _("Minimum notice"),
            "notice_unit": _("Unit of the notice"),
            "horizon": _("Bookable ahead"),
            "horizon_unit": _("Unit of the horizon"),
            "seats": _("Appointments per slot (seats)"),
            "shows_seats_left": _("Guests see how many seats are left"),
            "daily_limit": _("Meetings a day at most"),
            "look_busy": _("Look busy, in percent"),
            "mode": _("How hosts are chosen"),
            "needs_confirmation": _("Bookings have to be confirmed"),
            "guests_may_reschedule": _("Guests may reschedule"),
            "guests_may_cancel": _("Guests may cancel"),
        }
        help_texts = {
            "description": _("Guests read it before they choose a time."),
            "location": _("A place, a phone number or a link."),
            "group": _("A public page with several services. It can be in one menu."),
            "place_in_menu": _("The menu shows the lowest number first."),
            "is_aligned": _(
                "Every hour or half-hour by the clock, whenever hours open. Off: the"
                " first time of a day is when hours open."
            ),
            "notice": _("How long before its start a time can be booked at the latest."),
            "horizon": _("How far ahead times are offered: two years at most."),
            "seats": _(
                "How many guests can book the same time: of a class its seats, where hosts"
                " take turns with each of them."
            ),
            "daily_limit": _(
                "Where hosts take turns, of each of them. Empty: any number. A shared"
                " slot or a class counts once."
            ),
            "look_busy": _("So many of the free times are not shown. 0 shows them all."),
            "mode": _(
                "For availability: the host with the highest priority, then the one with the"
                " fewest appointments. For equal distribution: whoever has the fewest this month."
            ),
        }
        widgets = {"kind": KindRadios, "description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance.pk is None
        self._kind_before = self.instance.kind
        self.fields["time_zone"] = zone_field(
            current=self.instance.time_zone,
            help_text=gettext("Days of notice, days ahead and meetings a day are counted in it."),
        )
        for name in ("name", "location", "price"):
            self.fields[name].validators.append(validate_one_line)
        self.fields["slug"].required = not self.is_new
        self.fields["slug"].help_text = (
            gettext("The last part of the public address. Left empty, it is made of the name.")
            if self.is_new
            else gettext("The last part of the public address. Links to the old one stop working.")
        )
        self.fields["notice"].validators.append(MaxValueValidator(MOST))
        self.fields["place_in_menu"].validators.append(MaxValueValidator(MOST))
        self._offer_menus()
        for name in LENGTHS:
            written = as_written(getattr(self.instance, name))
            self.initial[name], self.initial[f"{name}_unit"] = written

    @property
    def sections(self) -> list[Section]:
        return [Section(heading, [self._row(row) for row in rows]) for heading, rows in SECTIONS]

    def clean_description(self) -> str:
        return plain_lines(self.cleaned_data["description"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._clean_address()
        for name in LENGTHS:
            self._clean_length(name)
        kind = cleaned.get("kind")
        if kind:
            self._leave_out(unsuited(kind))
            self._refuse_another_kind(kind)
        return cleaned

    def save_once(self) -> bool:
        """Save a valid form; false, with an error, where the address was taken in the meantime, or
        somebody booked what a calendar of the new kind cannot have."""
        try:
            with transaction.atomic():
                # Whoever books holds this lock, too.
                Calendar.objects.select_for_update().filter(pk=self.instance.pk).first()
                self._refuse_another_kind(self.instance.kind)
                if "mode" in self.changed_data:
                    self.instance.counts_since = timezone.now()
                if not self.errors:
                    self.save()
                    extend_feeds(self.instance)
        except IntegrityError:
            self.add_error("slug", ADDRESS_TAKEN)
        return not self.errors

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        bookable = bookable_time(self.instance, now=timezone.now())
        if bookable.opens >= bookable.closes:
            self.add_error(
                "horizon",
                gettext("The minimum notice reaches as far: no time could ever be booked."),
            )

    def _row(self, names: tuple[str, ...]) -> Row:
        kinds = kinds_of(names[0])
        is_for_all = len(kinds) == len(Calendar.Kind)
        return Row([self[name] for name in names], "" if is_for_all else " ".join(kinds))

    def _offer_menus(self) -> None:
        menus: Any = self.fields["group"]
        menus.queryset = CalendarGroup.objects.within(self.instance.sub_account)
        menus.empty_label = gettext("In no menu")

    def _leave_out(self, names: list[str]) -> None:
        """These stay as they are, whatever was sent: calendars of the kind do not have them."""
        for name in names:
            self.cleaned_data.pop(name, None)
            self.errors.pop(name, None)

    def _refuse_another_kind(self, kind: str) -> None:
        if self.is_new:
            return
        now, before = timezone.now(), self._kind_before
        refusal = why_not(self.instance, before=before, after=kind, now=now)
        if refusal:
            self.add_error("kind", refusal)

    def _clean_address(self) -> None:
        if "slug" not in self.cleaned_data:
            return
        typed = self.cleaned_data["slug"]
        if not typed:
            self._propose_address()
        elif typed == RESERVED:
            self.add_error(
                "slug", gettext("“menu” is kept for service menus. Choose another address.")
            )
        elif self._is_taken(typed):
            self.add_error("slug", ADDRESS_TAKEN)

    def _propose_address(self) -> None:
        name = self.cleaned_data.get("name", "")
        address = proposed_address(name, is_taken=self._is_taken)
        if name and not address:
            self.add_error("slug", NO_LETTERS)
        self.cleaned_data["slug"] = address

    def _is_taken(self, address: str) -> bool:
        others = Calendar.objects.within(self.instance.sub_account).exclude(pk=self.instance.pk)
        return address == RESERVED or others.filter(slug=address).exists()

    def _clean_length(self, name: str) -> None:
        if name not in self.cleaned_data:
            return
        amount, unit = self.cleaned_data[name], self.cleaned_data.get(f"{name}_unit")
        if amount is None:
            return
        del self.cleaned_data[name]
        if unit is not None:
            self.cleaned_data[name] = length_of(amount, unit)
