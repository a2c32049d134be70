"""An appointment's history: what happened to it, when, and who did it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from calendars.models import Appointment, HistoryEntry

Kind, Source = HistoryEntry.Kind, HistoryEntry.Source


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `user` is known where it is a member of staff."""

    source: HistoryEntry.Source
    user: User | None = None

    @classmethod
    def guest(cls) -> "Actor":
        return cls(Source.GUEST)

    @classmethod
    def staff(cls, user: User) -> "Actor":
        return cls(Source.STAFF, user)

    @classmethod
    def icloud(cls, user: User) -> "Actor":
        """A host who changed the event of a meeting in their own calendar."""
        return cls(Source.ICLOUD, user)


def note(
    appointment: Appointment,
    kind: HistoryEntry.Kind,
    actor: Actor,
    *,
    was_at: datetime | None = None,
    text: str = "",
) -> HistoryEntry:
    """Write it down; `was_at` is when the meeting began before it was moved."""
    return HistoryEntry.objects.create(
        appointment=appointment,
        kind=kind,
        source=actor.source,
        by=actor.user,
        was_at=was_at,
        now_at=appointment.meeting.starts_at if was_at else None,
        note=text,
    )


def who(entry: HistoryEntry) -> str:
    """Who did it, in words."""
    match entry.source:
        case Source.STAFF:
            return str(entry.by) if entry.by else _("Somebody who has left")
        case Source.ICLOUD:
            if entry.by is None:
                return _("Somebody in iCloud")
            return _("%(name)s in iCloud") % {"name": entry.by}
        case _:
            return _("The guest")
