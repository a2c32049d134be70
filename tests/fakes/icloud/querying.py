"""calendar-query (RFC 4791 7.8), as far as iCloud answers it: events, and those in a range."""

from collections.abc import Iterator

from tests.fakes.icloud import bodies, markup, properties
from tests.fakes.icloud.bodies import Component
from tests.fakes.icloud.markup import CALDAV, Element, multistatus
from tests.fakes.icloud.messages import Answer, Refusal, xml
from tests.fakes.icloud.properties import DATA, GETETAG
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.state import Calendar, Resource

INSIDE = f"{CALDAV}filter/{CALDAV}comp-filter/{CALDAV}comp-filter"
EVER = "99991231T000000Z"


def query(asked: Element, calendar: Calendar, *, quirks: Quirks) -> Answer:
    """400 unless VEVENTs are asked for; a search by UID is refused with a bare 412."""
    events = asked.find(INSIDE)
    if events is None or events.get("name") != "VEVENT":
        raise Refusal(400)
    uid = _uid_asked(events, quirks)
    between = events.find(f"{CALDAV}time-range")
    wanted = markup.names(asked) or (GETETAG, DATA)
    return xml(
        207,
        multistatus(
            properties.resource(f"{calendar.path}{name}", resource.etag, resource).respond(
                wanted, quirks
            )
            for name, resource in _shown(calendar)
            if (uid is None or resource.uid == uid) and _is_within(resource, between, quirks)
        ),
    )


def _shown(calendar: Calendar) -> Iterator[tuple[str, Resource]]:
    resources = calendar.collection.resources
    yield from ((name, resources[name]) for name in sorted(resources.keys() & _listed(calendar)))


def _listed(calendar: Calendar) -> set[str]:
    return set(calendar.collection.shown)


def _uid_asked(events: Element, quirks: Quirks) -> str | None:
    """The UID a search is for, None where it is for something else. Raises Refusal."""
    filters = list(events.iterchildren(f"{CALDAV}prop-filter"))
    if not filters:
        return None
    if len(filters) > 1 or filters[0].get("name") != "UID":
        raise Refusal(400)
    if quirks.uid_search:
        raise Refusal(quirks.uid_search)
    return (filters[0].findtext(f"{CALDAV}text-match") or "").strip()


def _is_within(resource: Resource, between: Element | None, quirks: Quirks) -> bool:
    if between is None:
        return True
    body = bodies.read(resource.ics)
    start = bodies.when(between.get("start") or "")
    end = bodies.when(between.get("end") or EVER)
    return body is not None and any(
        _overlaps(part, start, end, quirks) for part in body.parts if part.name == "VEVENT"
    )


def _overlaps(part: Component, start: str, end: str, quirks: Quirks) -> bool:
    """Wall clock digits compared; a series is thought to go on for ever once it has begun.

    iCloud looks for an override where its occurrence was, not where it was moved to.
    """
    begins, ends = part.value("DTSTART"), part.value("DTEND")
    replaced = part.value("RECURRENCE-ID")
    if replaced and quirks.time_range_misses_moved:
        return start <= bodies.when(replaced) < end
    if part.has("RRULE"):
        return bodies.when(begins) < end
    return bodies.when(begins) < end and bodies.when(ends or begins) > start
