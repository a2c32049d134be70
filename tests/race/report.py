"""What a race left behind: counted, and held against what may be."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from django.db import connection

from calendars.models import Appointment, MeetingHost, OutboxItem, Taken
from tests.race.guest import Outcome
from tests.race.scenes import ROUND, SCENES, SEATS, time_of


def report(outcomes: Sequence[Outcome], rounds: int, *, seconds: float, bare: bool) -> int:
    """Print what happened; 0 if all is as it should be."""
    how = Counter(words for _, words, _ in outcomes)
    errors = {words: number for words, number in how.items() if words not in {"done", "taken"}}
    overlaps, lost = _overlaps(), _lost(outcomes)
    wrong, unwanted = _wrong_counts(rounds), _without_outbox()
    print(
        f"{connection.vendor}{' without wall and locks' if bare else ''}: {rounds} rounds, "
        f"{len(outcomes)} attempts in {seconds:.1f} s: {how['done']} done, {how['taken']} taken, "
        f"{sum(errors.values())} errors, {overlaps} overlaps, {lost} lost, {len(wrong)} rounds "
        f"with a wrong number of meetings or seats, {unwanted} meetings without outgoing work"
    )
    for words, number in [*errors.items(), *Counter(wrong).items()]:
        print(f"  {number} × {words}")
    if bare:
        return 0 if overlaps else 1
    return 1 if errors or overlaps or lost or wrong or unwanted else 0


def report_crowd(outcomes: Sequence[Outcome], round_: int) -> int:
    """Print how many of those who wanted one of the seats have one; 0 if all are taken, once."""
    how = Counter(words for _, words, _ in outcomes)
    live = Appointment.objects.live().filter(meeting__starts_at=time_of(round_))
    seats = sorted(live.values_list("seat", flat=True))
    print(
        f"{connection.vendor}: {len(outcomes)} guests for {SEATS} seats: {how['done']} have one, "
        f"{how['taken']} were told that they are taken; seats {seats}, {_overlaps()} overlaps"
    )
    fair = {"done": SEATS, "taken": len(outcomes) - SEATS}
    return 0 if how == fair and seats == [*range(1, SEATS + 1)] else 1


def _overlaps() -> int:
    """Pairs of spans of one resource that share time."""
    spans = defaultdict(list)
    for row in Taken.objects.order_by("resource", "starts_at"):
        spans[row.resource].append((row.starts_at, row.ends_at))
    return sum(
        later[0] < earlier[1] for held in spans.values() for earlier, later in pairwise(held)
    )


def _lost(outcomes: Sequence[Outcome]) -> int:
    """Appointments that somebody was told of and that are not there."""
    told = {key for _, words, key in outcomes if words == "done" and key is not None}
    return len(told - set(Appointment.objects.values_list("pk", flat=True)))


def _wrong_counts(rounds: int) -> list[str]:
    """What was played in rounds that left more or fewer than they may."""
    wrong = []
    for number in range(rounds):
        scene, at = SCENES[number % len(SCENES)], time_of(number)
        live = Appointment.objects.live().filter(
            meeting__starts_at__gte=at - ROUND / 4, meeting__starts_at__lt=at + ROUND * 3 / 4
        )
        seats = list(live.values_list("meeting", flat=True))
        if not (
            _is_within(len(set(seats)), scene.meetings) and _is_within(len(seats), scene.seats)
        ):
            wrong.append(f"{scene.name}: {len(set(seats))} meetings, {len(seats)} seats")
    return wrong


def _is_within(number: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= number <= bounds[1]


def _without_outbox() -> int:
    wanted = OutboxItem.objects.filter(effect=OutboxItem.Effect.WRITE).values("subject")
    return MeetingHost.objects.exclude(user=None).exclude(pk__in=wanted).count()
