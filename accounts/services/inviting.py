"""Tell a new member where to sign in, and how to get a password if they have none."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User


def send_invitation(user: User, *, to: str) -> None:
    """Mail the user that they belong to `to` now, with a set-password link if they need one."""
    page = reverse("login") if user.has_usable_password() else _set_password_page(user)
    text = render_to_string(
        "registration/invitation_email.txt",
        {"to": to, "has_password": user.has_usable_password(), "url": settings.SITE_URL + page},
    )
    subject = " ".join(f"You were added to {to} in Daybook".split())  # a name may hold line breaks
    send_mail(subject, text, None, [user.email])


def _set_password_page(user: User) -> str:
    return reverse(
        "password_reset_confirm",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
    )
