"""What a race left behind: counted, and held against what may be."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db import connection

from calendars.models import Calendar, Meeting, MeetingHost, OutboxItem, Taken
from calendars.services import booking, locking, moving
from tests.race.scenes import ROUND, SCENES, time_of


def report(outcomes: Sequence[tuple[int, str]], rounds: int, *, seconds: float, bare: bool) -> int:
    """Print what happened; 0 if all is as it should be."""
    how = Counter(outcome for _, outcome in outcomes)
    errors = {words: number for words, number in how.items() if words not in {"done", "taken"}}
    overlaps, wrong, unwanted = _overlaps(), _wrong_counts(rounds), _without_outbox()
    print(
        f"{connection.vendor}{' without wall and locks' if bare else ''}: {rounds} rounds, "
        f"{len(outcomes)} attempts in {seconds:.1f} s: {how['done']} done, {how['taken']} taken, "
        f"{sum(errors.values())} errors, {overlaps} overlaps, {wrong} rounds with a wrong number "
        f"of meetings, {unwanted} meetings without outgoing work"
    )
    for words, number in errors.items():
        print(f"  {number} × {words}")
    if bare:
        return 0 if overlaps else 1
    return 1 if errors or overlaps or wrong or unwanted else 0


def _overlaps() -> int:
    """Pairs of spans of one resource that share time."""
    spans = defaultdict(list)
    for row in Taken.objects.order_by("resource", "starts_at"):
        spans[row.resource].append((row.starts_at, row.ends_at))
    return sum(
        later[0] < earlier[1] for held in spans.values() for earlier, later in pairwise(held)
    )


def _wrong_counts(rounds: int) -> int:
    """Rounds that left more or fewer live meetings than they may."""
    wrong = 0
    for number in range(rounds):
        scene, at = SCENES[number % len(SCENES)], time_of(number)
        live = Meeting.objects.filter(
            starts_at__gte=at - ROUND / 4,
            starts_at__lt=at + ROUND * 3 / 4,
            hosts__in=MeetingHost.objects.holding(),
        )
        if not scene.least <= live.distinct().count() <= scene.most:
            wrong += 1
    return wrong


def _without_outbox() -> int:
    wanted = OutboxItem.objects.filter(effect=OutboxItem.Effect.WRITE).values("subject")
    return MeetingHost.objects.exclude(pk__in=wanted).count()


def remove_the_wall() -> None:
    """For the control experiment, on PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE calendars_taken DROP CONSTRAINT taken_no_overlap")


def remove_the_locks() -> None:
    """For the control experiment, in this process: whoever books looks, and then writes."""

    def look(calendar: int) -> Calendar:
        return Calendar.objects.select_related("sub_account").get(pk=calendar)

    unlocked: dict[str, Any] = {
        "lock_calendar_and_hosts": look,
        "lock_users": lambda users: None,
        "lock_meeting_of": lambda appointment: appointment,
    }
    for module in (booking, locking, moving):
        for name in unlocked.keys() & vars(module).keys():
            setattr(module, name, unlocked[name])
