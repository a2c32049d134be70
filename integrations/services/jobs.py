"""The periodic jobs. They are made from code only: one bad row would stop all of them."""

from django_q.models import Schedule

JOBS = {
    "integrations.tasks.sync_due": (Schedule.MINUTES, 1),
    "integrations.tasks.deliver_due": (Schedule.MINUTES, 1),
    "integrations.tasks.remind": (Schedule.MINUTES, 1),
    "integrations.tasks.extend": (Schedule.DAILY, None),
    "integrations.tasks.tidy": (Schedule.DAILY, None),
}


def schedule_jobs() -> None:
    """Have exactly these schedules; run as often as you like."""
    for func, (kind, minutes) in JOBS.items():
        Schedule.objects.update_or_create(
            name=func,
            defaults={
                "func": func,
                "schedule_type": kind,
                "minutes": minutes,
                "repeats": -1,
                "args": None,
                "kwargs": None,
            },
        )
    Schedule.objects.exclude(name__in=JOBS).delete()
