"""Hosts, hours and rules for a Monday in Berlin."""

from datetime import date
from zoneinfo import ZoneInfo

from calendars.engine.hours import Hours, OpenTime, Window, windows
from calendars.engine.notice import Bookable
from calendars.engine.slots import Host, Kind, Rules, SharedMeeting, examine, offered
from calendars.engine.spans import Span
from tests.calendars.engine.clock import at, reads

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)
MINUTE, HOUR, DAY = 60, 3600, 86400
HOURLY = Rules(HOUR, HOUR, 0, 0)
ALWAYS = Bookable(now=0, opens=0, closes=1 << 40)
EVER = (0, 1 << 40)


def open_on(
    *times: tuple[float, float],
    zone: ZoneInfo = BERLIN,
    first: date = MONDAY,
    last: date | None = None,
) -> list[Window]:
    hours = tuple(OpenTime(int(opens * 60), int(closes * 60)) for opens, closes in times)
    return windows(Hours(zone, dict.fromkeys(range(7), hours), {}), first, last or first)


def span(start: str, end: str) -> Span:
    return (at(f"2026-03-02 {start}", BERLIN), at(f"2026-03-02 {end}", BERLIN))


def clock(instants: list[int], zone: ZoneInfo = BERLIN) -> list[str]:
    return [text[6:] for text in reads(instants, zone)]


def times(host: Host, rules: Rules = HOURLY, bookable: Bookable = ALWAYS) -> list[str]:
    return clock([slot.start for slot in offered(Kind.ROUND_ROBIN, rules, [host], bookable, EVER)])


def reasons(host: Host, rules: Rules = HOURLY, bookable: Bookable = ALWAYS) -> dict[str, str]:
    return {
        clock([verdict.start])[0]: verdict.refused[host.id]
        for verdict in examine(Kind.ROUND_ROBIN, rules, [host], bookable, EVER)
        if verdict.refused
    }


def shared(start: str, end: str, seats_left: int, buffer: int = 0) -> SharedMeeting:
    return SharedMeeting(*span(start, end), buffer, buffer, seats_left)
