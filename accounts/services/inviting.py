"""Mail people that a sub-account invites them, or that they are an agency's admin now."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.models import AgencyMember, Member, User
from accounts.services.throttling import count

INVITATIONS = 20  # an hour, from one user


def count_invitation(by: User) -> None:
    """Count one use of a form that mails whoever it names. Raises `TooOften`."""
    count("invitation", str(by.pk), limit=INVITATIONS, per=timedelta(hours=1))


def send_invitation(member: Member) -> None:
    """Mail where to accept or decline; for somebody new, a link that accepts by a password. It is
    in the language of who invites: what the other one speaks is not known."""
    user, to = member.user, member.sub_account.name
    if user.has_usable_password():
        page = reverse("invitations")
    else:
        page = reverse("invitation_password", kwargs={"pk": member.pk, **_key_of(user)})
    _send(user, "invitation_email.txt", _("%(to)s invites you to Daybook"), to=to, page=page)


def send_agency_admin_notice(agency_member: AgencyMember) -> None:
    """Mail where to sign in as an agency's admin, with a set-password link if needed."""
    user, to = agency_member.user, agency_member.agency.name
    if user.has_usable_password():
        page = reverse("login")
    else:
        page = reverse("password_reset_confirm", kwargs=_key_of(user))
    _send(
        user, "agency_admin_email.txt", _("You were added to %(to)s in Daybook"), to=to, page=page
    )


def _send(user: User, template: str, subject: str, *, to: str, page: str) -> None:
    told = {"to": to, "has_password": user.has_usable_password(), "url": settings.SITE_URL + page}
    text = render_to_string(f"registration/{template}", told)
    one_line = " ".join((subject % {"to": to}).split())  # a name may hold line breaks
    send_mail(one_line, text, None, [user.email])


def _key_of(user: User) -> dict[str, str]:
    return {
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
