from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def in_words(duration: timedelta) -> str:
    """A length of time as people say it: 1 hour 30 minutes."""
    minutes = int(duration.total_seconds()) // 60
    parts = ((minutes // 60, "hour"), (minutes % 60, "minute"))
    return " ".join(
        f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number
    )
