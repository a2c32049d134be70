from datetime import timedelta

from django import template
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def in_words(duration: timedelta) -> str:
    """A length of time as people say it: 1 hour 30 minutes."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    parts = (
        (hours, ngettext("%(number)s hour", "%(number)s hours", hours)),
        (minutes, ngettext("%(number)s minute", "%(number)s minutes", minutes)),
    )
    return " ".join(said % {"number": number} for number, said in parts if number)
