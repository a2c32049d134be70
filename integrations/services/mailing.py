"""Mails about appointments."""

from django.core.mail import EmailMessage

from calendars.models import Mail


def send(mail: Mail) -> None:
    """Send it. Raises what the mail backend raises."""
    to = mail.to.email if mail.to else mail.appointment.guest_email
    EmailMessage(mail.get_kind_display(), str(mail.appointment.meeting), to=[to]).send()


def is_final(error: Exception) -> bool:
    return isinstance(error, ValueError)


def words(error: Exception) -> str:
    return "The mail server could not be reached." if isinstance(error, OSError) else "Refused."
