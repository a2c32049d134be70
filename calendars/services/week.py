"""A person's week: their appointments, blocked slots, and the time they are booked elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Member
from calendars.engine.hours import instant
from calendars.models import Appointment, BlockedSlot, MeetingHost
from calendars.services.copies import copy_in_words
from calendars.services.discretion import BUSY, sees_details
from calendars.services.releasing import deleted_note
from calendars.services.seats import title_of
from calendars.services.week_grid import Day, Entry, Tone, lay_out

# All-day events lie by their owner's clock, which can be a day off the reader's.
MARGIN = timedelta(days=2)

OVERLAPS = gettext_noop("overlaps another booking")

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Week:
    """What a viewer reads of a member's week. `is_empty` says that nothing is in it."""

    first: date
    days: tuple[Day, ...]

    @property
    def last(self) -> date:
        return self.days[-1].date

    @property
    def kept(self) -> list[Entry]:
        """Time that stays blocked after its event was deleted, each once."""
        entries = [entry for day in self.days for entry in day.all_day]
        entries += [placed.entry for day in self.days for placed in day.timed]
        return list({entry.blocked_slot: entry for entry in entries if entry.is_kept}.values())

    @property
    def is_empty(self) -> bool:
        return not any(day.all_day or day.timed for day in self.days)


def week_of(member: Member, *, viewer: Member, first: date, now: datetime) -> Week:
    """The seven days from `first` by the viewer's clock, with what the viewer may read."""
    zone = viewer.zone
    start = datetime.fromtimestamp(instant(zone, first), UTC)
    around = (start - MARGIN, start + timedelta(days=7) + MARGIN)
    entries = [
        *_blocked(member, viewer, around, now),
        *_appointments(member, around),
        *_elsewhere(member, around),
    ]
    return Week(first, lay_out(entries, first=first, zone=zone, now=now))


def _blocked(member: Member, viewer: Member, around: Span, now: datetime) -> Iterator[Entry]:
    shows = sees_details(viewer, of=member.user_id)
    is_own = viewer.user_id == member.user_id
    slots = BlockedSlot.objects.within(member.sub_account).select_related("source")
    for slot in slots.filter(user=member.user_id, starts_at__lt=around[1], ends_at__gt=around[0]):
        is_kept = is_own and slot.deleted_remotely_at is not None and slot.ends_at > now
        yield Entry(
            slot.starts_at,
            slot.ends_at,
            title=(slot.title or _(BUSY)) if shows else _(BUSY),
            tone=_tone(slot, is_kept=is_kept),
            note=_slot_note(slot, viewer.zone) if is_own else "",
            dates=_dates(slot, member.zone) if slot.all_day else None,
            blocked_slot=slot.pk,
            is_kept=is_kept,
            has_news=is_own and bool(slot.note),
        )


def _slot_note(slot: BlockedSlot, zone: ZoneInfo) -> str:
    return " · ".join(filter(None, [deleted_note(slot, zone), _(slot.note)]))


def blocks(slot: BlockedSlot) -> bool:
    """Whether a slot closes availability, or is only shown."""
    return slot.is_busy and (slot.source is None or slot.source.is_blocking)


def _tone(slot: BlockedSlot, *, is_kept: bool) -> Tone:
    if is_kept:
        return Tone.DELETED
    return Tone.BUSY if blocks(slot) else Tone.FREE


def _dates(slot: BlockedSlot, zone: ZoneInfo) -> tuple[date, date]:
    last = slot.ends_at - timedelta(seconds=1)
    return slot.starts_at.astimezone(zone).date(), last.astimezone(zone).date()


def _appointments(member: Member, around: Span) -> Iterator[Entry]:
    live = Appointment.objects.live().order_by("seat")
    parts = (
        MeetingHost.objects.within(member.sub_account)
        .holding()
        .filter(_during(around), user=member.user_id)
        .select_related("meeting__calendar")
        .prefetch_related(Prefetch("meeting__appointments", live), "meeting__services__calendar")
    )
    for part in parts:
        seats = list(part.meeting.appointments.all())
        is_new = all(seat.status == Appointment.Status.NEW for seat in seats)
        yield Entry(
            part.meeting.starts_at,
            part.meeting.ends_at,
            title=title_of(part.meeting, seats),
            tone=Tone.TENTATIVE if is_new else Tone.APPOINTMENT,
            note=_note(part),
            appointment=seats[0].pk,
            is_overlapping=part.is_overlapping,
        )


def _note(part: MeetingHost) -> str:
    copy = copy_in_words(part).text if part.copy != MeetingHost.Copy.NONE else ""
    overlap = _(OVERLAPS) if part.is_overlapping else ""
    return " · ".join(filter(None, [part.meeting.what, overlap, copy]))


def _elsewhere(member: Member, around: Span) -> Iterator[Entry]:
    """Meetings in other sub-accounts: that they are, and nothing more."""
    spans = (
        MeetingHost.objects.holding()
        .exclude(meeting__sub_account=member.sub_account_id)
        .filter(_during(around), user=member.user_id)
        .values_list("meeting__starts_at", "meeting__ends_at")
    )
    for starts_at, ends_at in spans:
        yield Entry(starts_at, ends_at, title=_(BUSY), tone=Tone.BUSY)


def _during(around: Span) -> Q:
    return Q(meeting__starts_at__lt=around[1], meeting__ends_at__gt=around[0])
