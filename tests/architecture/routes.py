"""Every address of the product outside the admin, and who may go there.

A new URL must be added here, else `test_every_route_is_in_the_table` fails.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Logo, Member, SubAccount, User
from calendars.models import (
    Appointment,
    BlockedSlot,
    Calendar,
    CalendarGroup,
    Contact,
    MeetingHost,
)
from integrations.models import Connection, RemoteCalendar
from tests.architecture.rows import Rows

PUBLIC = "anybody"
SIGNED_IN = "anybody who is signed in"
MEMBER = "members of the sub-account"
ADMIN = "admins of the sub-account"
HOST = "hosts of the calendar, and admins of the sub-account"
OWNER = "the user whose row it is, as a member of the sub-account"


@dataclass(frozen=True)
class Access:
    who: str
    row: type[models.Model] | None = None  # what `pk` counts
    has_token: bool = False  # whoever knows the address may go there


TABLE = {
    "home": Access(SIGNED_IN),
    "login": Access(PUBLIC),
    "logout": Access(PUBLIC),
    "invitations": Access(SIGNED_IN),
    "invitation_accept": Access(SIGNED_IN, Member),  # by whom it invites only
    "invitation_decline": Access(SIGNED_IN, Member),
    "invitation_password": Access(PUBLIC),
    "password_change": Access(SIGNED_IN),
    "password_change_done": Access(SIGNED_IN),
    "password_reset": Access(PUBLIC),
    "password_reset_done": Access(PUBLIC),
    "password_reset_confirm": Access(PUBLIC),
    "password_reset_complete": Access(PUBLIC),
    "healthz": Access(PUBLIC),
    "readyz": Access(PUBLIC),
    "accounts:profile": Access(MEMBER),
    "accounts:team": Access(MEMBER),
    "accounts:team_add": Access(ADMIN),
    "accounts:team_role": Access(ADMIN, Member),
    "accounts:team_withdraw": Access(ADMIN, Member),
    "calendars:week": Access(MEMBER),
    "calendars:blocked": Access(MEMBER),
    "calendars:blocked_undo": Access(MEMBER),
    "calendars:blocked_slot": Access(MEMBER, BlockedSlot),
    "calendars:blocked_slot_edit": Access(OWNER, BlockedSlot),
    "calendars:blocked_slot_remove": Access(OWNER, BlockedSlot),
    "calendars:release": Access(OWNER, BlockedSlot),
    "calendars:kept": Access(MEMBER),
    "calendars:kept_release": Access(MEMBER),
    "calendars:kept_event_release": Access(OWNER, BlockedSlot),
    "calendars:hours": Access(MEMBER),
    "calendars:appointments": Access(MEMBER),
    "calendars:appointment": Access(MEMBER, Appointment),
    "calendars:appointment_new": Access(MEMBER),
    "calendars:appointment_book": Access(HOST),
    "calendars:appointment_guest": Access(HOST, Appointment),
    "calendars:appointment_move": Access(HOST, Appointment),
    "calendars:appointment_cancel": Access(HOST, Appointment),
    "calendars:appointment_restore": Access(HOST, Appointment),
    "calendars:appointment_confirm": Access(HOST, Appointment),
    "calendars:appointment_showed": Access(HOST, Appointment),
    "calendars:appointment_noshow": Access(HOST, Appointment),
    "calendars:appointment_invalid": Access(HOST, Appointment),
    "calendars:contacts": Access(MEMBER),
    "calendars:contact": Access(MEMBER, Contact),
    "calendars:settings": Access(MEMBER),
    "calendars:calendar_new": Access(ADMIN),
    "calendars:calendar": Access(HOST, Calendar),
    "calendars:calendar_activate": Access(HOST, Calendar),
    "calendars:calendar_deactivate": Access(HOST, Calendar),
    "calendars:menus": Access(ADMIN),
    "calendars:menu_new": Access(ADMIN),
    "calendars:menu": Access(ADMIN, CalendarGroup),
    "calendars:menu_delete": Access(ADMIN, CalendarGroup),
    "calendars:troubleshoot": Access(HOST, Calendar),
    "calendars:hosts": Access(ADMIN, Calendar),
    "calendars:simulate": Access(ADMIN, Calendar),
    "calendars:host_priority": Access(ADMIN, Calendar),
    "calendars:host_move": Access(ADMIN, Calendar),
    "calendars:host_primary": Access(ADMIN, Calendar),
    "calendars:host_remove": Access(ADMIN, Calendar),
    "calendars:calendar_hours": Access(HOST, Calendar),
    "calendars:host_hours": Access(HOST, Calendar),
    "calendars:host_hours_default": Access(HOST, Calendar),
    "public:book_index": Access(PUBLIC),
    "public:book": Access(PUBLIC),
    "public:menu": Access(PUBLIC),
    "public:appointment": Access(PUBLIC, has_token=True),
    "public:appointment_ics": Access(PUBLIC, has_token=True),
    "public:reschedule": Access(PUBLIC, has_token=True),
    "public:cancel": Access(PUBLIC, has_token=True),
    "brand:sheet": Access(PUBLIC),
    "brand:logo": Access(PUBLIC),
    "integrations:event_edit": Access(OWNER, BlockedSlot),
    "integrations:event_undo": Access(OWNER, BlockedSlot),
    "integrations:write_again": Access(HOST, MeetingHost),
    "integrations:remove_member": Access(ADMIN, Member),
    "integrations:connections": Access(MEMBER),
    "integrations:connection_new": Access(MEMBER),
    "integrations:connect_icloud": Access(MEMBER),
    "integrations:connection_sync": Access(OWNER, Connection),
    "integrations:connection_refresh": Access(OWNER, Connection),
    "integrations:connection_status": Access(OWNER, Connection),
    "integrations:connection_history": Access(OWNER, Connection),
    "integrations:connection_password": Access(OWNER, Connection),
    "integrations:connection_pause": Access(OWNER, Connection),
    "integrations:connection_resume": Access(OWNER, Connection),
    "integrations:connection_disconnect": Access(OWNER, Connection),
    "integrations:deletions": Access(OWNER, Connection),
    "integrations:configuration": Access(MEMBER),
    "integrations:configuration_state": Access(MEMBER),
    "integrations:linked": Access(MEMBER),
    "integrations:conflicts": Access(MEMBER),
    "integrations:reading_settings": Access(OWNER, RemoteCalendar),
    "integrations:profile_integrations": Access(MEMBER),
    "integrations:profile_configuration": Access(MEMBER),
}


@dataclass(frozen=True)
class Route:
    name: str
    path: str  # as Django writes it: s/<slug:sub_account>/…

    @property
    def arguments(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.path)

    def url(self, **values: Any) -> str:
        return "/" + re.sub(
            r"<(?:\w+:)?(\w+)>", lambda match: str(values[match.group(1)]), self.path
        )

    def __str__(self) -> str:
        return self.name


def routes() -> list[Route]:
    """All routes but the admin's."""
    return list(_walk(get_resolver().url_patterns))


def values_for(route: Route, rows: Rows) -> dict[str, Any]:
    """A value for each argument of a route, from a tenant's rows."""
    access = TABLE.get(route.name)
    return {
        "sub_account": rows[SubAccount].slug,
        "pk": rows[access.row].pk if access and access.row else 0,
        "calendar": rows[Calendar].slug,
        "group": rows[CalendarGroup].slug,
        "user": rows[User].pk,
        "token": rows[Appointment].token,
        "uidb64": "MQ",
        "colour": "0b7a75",
        "version": "x",
        "digest": rows[Logo].digest,
    }


def _walk(
    patterns: Sequence[URLPattern | URLResolver], spaces: tuple[str, ...] = (), path: str = ""
) -> Iterator[Route]:
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(":".join([*spaces, pattern.name or here]), here)
        elif pattern.namespace != "admin":
            deeper = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, deeper, here)
