"""Facts of a remote calendar: bodies, what was withheld, what is gone, token and marker."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from integrations.caldav.reading import Page
from integrations.models import MirroredEvent, RemoteCalendar, RemoteEvent
from integrations.services.doubting import believe, note_vanished, wants_second_look
from integrations.services.recognising import removed_by_us

MOST_TRIES = 3
QUARANTINED = "withheld"  # no server's ETag: a new one is fetched at once
NOT_HANDED_OUT = "iCloud lists this event but does not hand it out."


def etags_held(calendar: RemoteCalendar) -> dict[str, str]:
    """The ETag of each resource held; empty for those that are to be asked for again."""
    rows = calendar.events.filter(missing_since=None).values_list("href", "etag", "withheld")
    return {
        href: etag or (QUARANTINED if withheld >= MOST_TRIES else "")
        for href, etag, withheld in rows
    }


def hrefs_of_own(calendar: RemoteCalendar) -> frozenset[str]:
    """The resources in it that Daybook wrote."""
    own = calendar.events.filter(mirrors__isnull=False)
    return frozenset(own.values_list("href", flat=True))


def store_facts(calendar: RemoteCalendar, page: Page, *, asked_at: datetime, now: datetime) -> None:
    """Store a page inside the caller's transaction; its token and marker last. The reading it
    belongs to began to ask at `asked_at`.

    What is withheld keeps the body and the slots it had, loses its ETag so that it is asked for
    again, and after three tries rests until the server lists it changed.
    """
    RemoteEvent.objects.bulk_create(
        [
            RemoteEvent(remote_calendar=calendar, href=body.href, etag=body.etag, raw=body.ics)
            for body in page.found
        ],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["remote_calendar", "href"],
        update_fields=["etag", "raw", "is_applied", "missing_since", "is_doubted", "withheld"],
    )
    _withhold(calendar, sorted(page.withheld))
    if page.is_complete and wants_second_look(calendar, now=asked_at):
        believe(calendar)
    _miss(calendar, page, now=now)
    if calendar.unread != page.left:
        calendar.unread = page.left
        calendar.save(update_fields=["unread"])
    if page.token is not None:
        again = calendar.events.filter(etag="", withheld__lt=MOST_TRIES, missing_since=None)
        calendar.sync_token = page.token
        # Without a marker the next poll reads the calendar again.
        calendar.poll_marker = "" if again.exists() else page.marker
        if page.is_complete:
            calendar.listed_at = now
        calendar.save(update_fields=["sync_token", "poll_marker", "listed_at"])


def store_own(event: MirroredEvent, ics: str) -> None:
    """What was just written, or found standing, is a fact too: the next sync need not fetch it, and
    never takes it for a change of its owner's."""
    calendar = event.remote_calendar
    if calendar is None or calendar.busy_source_id is None:
        return
    RemoteEvent.objects.update_or_create(
        remote_calendar=calendar,
        href=event.href,
        defaults={
            "etag": event.etag,
            "raw": ics,
            "uid": str(event.uid),
            "mirrors": event,
            "missing_since": None,
            "is_doubted": False,
            "withheld": 0,
            "is_applied": True,
            "parse_state": RemoteEvent.Parse.OK,
            "problem": "",
        },
    )


def forget_own(event: MirroredEvent) -> None:
    """Daybook removed it: that it is gone means nothing more. Where it was read elsewhere as well,
    that one is known on."""
    RemoteEvent.objects.filter(mirrors=event, href=event.href).delete()


def _miss(calendar: RemoteCalendar, page: Page, *, now: datetime) -> None:
    if not page.gone:
        return
    explained = _taken_away_by_us(calendar, page.gone)
    doubtful = page.gone - explained
    is_doubted = note_vanished(calendar, len(doubtful), known=page.known, now=now)
    for hrefs, doubted in ((explained, False), (doubtful, is_doubted)):
        for part in _parts(sorted(hrefs)):
            calendar.events.filter(href__in=part).update(
                missing_since=now, is_applied=False, is_doubted=doubted
            )


def _taken_away_by_us(calendar: RemoteCalendar, hrefs: frozenset[str]) -> frozenset[str]:
    """Of these, what Daybook removed through whichever account: no surprise to anybody."""
    uids: dict[str, str] = {}
    for part in _parts(sorted(hrefs)):
        uids |= dict(calendar.events.filter(href__in=part).values_list("href", "uid"))
    ours = removed_by_us(uids.values())
    return frozenset(href for href, uid in uids.items() if uid in ours)


def _withhold(calendar: RemoteCalendar, hrefs: Sequence[str]) -> None:
    RemoteEvent.objects.bulk_create(
        [
            RemoteEvent(
                remote_calendar=calendar,
                href=href,
                parse_state=RemoteEvent.Parse.UNREADABLE,
                is_applied=True,
            )
            for href in hrefs
        ],
        batch_size=200,
        ignore_conflicts=True,
    )
    for part in _parts(hrefs):
        calendar.events.filter(href__in=part).update(
            etag="",
            withheld=F("withheld") + 1,
            problem=NOT_HANDED_OUT,
            missing_since=None,
            is_doubted=False,
        )


def _parts(hrefs: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [hrefs[start : start + size] for start in range(0, len(hrefs), size)]
