"""A member leaves a sub-account: their calendars stop counting there, their meetings stay."""

from datetime import datetime

import structlog
from django.db import transaction

from accounts.models import Member, User
from accounts.services.memberships import keep_an_admin
from calendars.models import Appointment, BusySource, CalendarHost, Meeting
from calendars.services.hosting import remove_host
from integrations.models import CalendarConfiguration, Connection
from integrations.services.disconnecting import disconnect

log = structlog.get_logger(__name__)


def meetings_to_reassign(member: Member, now: datetime) -> list[Meeting]:
    """What this member still hosts in the sub-account, soonest first."""
    upcoming = Meeting.objects.within(member.sub_account).filter(
        hosts__user=member.user_id, ends_at__gt=now
    )
    held = Appointment.objects.live().values("meeting")
    return list(upcoming.filter(pk__in=held).select_related("calendar").order_by("starts_at"))


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
