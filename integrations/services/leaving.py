"""A member leaves a sub-account: their calendars stop counting there, their meetings stay."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Prefetch

from accounts.models import Member, User
from accounts.services.memberships import keep_an_admin
from calendars.models import Appointment, BusySource, CalendarHost, Meeting, MeetingHost
from calendars.services.hosting import remove_host
from integrations.models import CalendarConfiguration, Connection
from integrations.services.disconnecting import disconnect

log = structlog.get_logger(__name__)


def meetings_to_reassign(member: Member, now: datetime) -> list[Meeting]:
    """What this member still hosts in the sub-account, soonest first, with its `seats`: the
    appointments that hold it."""
    served = MeetingHost.objects.filter(user=member.user_id).holding()
    upcoming = Meeting.objects.within(member.sub_account).filter(
        pk__in=served.values("meeting"), ends_at__gt=now
    )
    seats = Prefetch("appointments", Appointment.objects.live().order_by("seat"), to_attr="seats")
    with_calendar = upcoming.select_related("calendar").order_by("starts_at", "pk")
    return list(with_calendar.prefetch_related(seats, "services__calendar"))


@transaction.atomic
def remove_member(member: Member, *, by: User) -> None:
    """Take somebody out of a sub-account: they serve none of its calendars any more, and what they
    connected there is disconnected. Raises `LastAdmin`."""
    # Whoever connects holds this lock too: before us, and we disconnect it; after us, and there is
    # no member to connect for.
    Member.objects.select_for_update().get(pk=member.pk)
    keep_an_admin(member)
    user, sub_account = member.user, member.sub_account
    for connection in Connection.objects.of(user, sub_account):
        disconnect(connection)
    CalendarConfiguration.objects.within(sub_account).filter(user=user).delete()
    BusySource.objects.within(sub_account).filter(user=user).delete()
    for host in CalendarHost.objects.within(sub_account).filter(user=user):
        remove_host(host)
    removed = member.pk
    member.delete()
    log.info("member_removed", member=removed, user=user.pk, by=by.pk)
