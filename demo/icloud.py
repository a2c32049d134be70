"""What is on the demo's iCloud: two people's calendars of every kind, with realistic events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fakes.icloud import ICloudServer

BERLIN = ZoneInfo("Europe/Berlin")
ROTA = "Studio rota (Carla)"


@dataclass(frozen=True)
class AppleAccount:
    """A demo Apple ID with its app-specific password: worth nothing outside this machine."""

    name: str
    apple_id: str
    app_password: str


ANA = AppleAccount("Ana", "ana@icloud.test", "demo-pass-word-anas")
BEN = AppleAccount("Ben", "ben@icloud.test", "demo-pass-word-bens")
CARLA = AppleAccount("Carla", "carla@icloud.test", "demo-pass-word-carl")


def furnish(server: ICloudServer, folder: Path, today: date) -> None:
    """Have everybody with their calendars; events lie in the weeks around today.

    They are put anew when the week is not the one that is noted in the folder.
    """
    week = f"{today.isocalendar().year}-{today.isocalendar().week}"
    stamp = folder / "furnished"
    if CARLA.apple_id not in server.users:
        _make_calendars(server)
    elif stamp.exists() and stamp.read_text() == week:
        return
    monday = today - timedelta(days=today.weekday())
    for account, events in ((ANA, _ana(monday)), (BEN, _ben(monday)), (CARLA, _carla(monday))):
        for path, ics in events:
            server.put(f"{home_of(server, account)}{path}", ics)
    server.keep()
    stamp.write_text(week)


def home_of(server: ICloudServer, account: AppleAccount) -> str:
    """The path of somebody's calendar home: a number that iCloud gave out."""
    return server.account(account.apple_id).home


def _make_calendars(server: ICloudServer) -> None:
    """Reminders, inbox and the like are there from the start."""
    for account in (ANA, BEN):
        home = server.add_user(account.apple_id, account.app_password)
        server.make_calendar(f"{home}home/", "Home", color="#34C759FF")
        server.make_calendar(f"{home}work/", f"{account.name}'s work", color="#0E61B9FF")
        server.make_subscribed(
            f"{home}holidays/", "Public holidays", "https://calendars.example/holidays.ics"
        )
    hers = server.add_user(CARLA.apple_id, CARLA.app_password)
    rota = server.make_calendar(f"{hers}rota/", ROTA, color="#AF52DEFF")
    for team_mate in (ANA, BEN):
        server.share(rota, to=team_mate.apple_id)


def _ana(monday: date) -> Iterator[tuple[str, str]]:
    standup = _zoned("Stand-up", monday, "09:30", "09:45", rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    moved = _override(standup, monday + timedelta(days=2), "09:30", "11:00", "11:15")
    dropped = _override(standup, monday + timedelta(days=4), "09:30", None, None)
    yield _file("work", "stand-up", standup, moved, dropped)
    yield _file(
        "work", "retro", _zoned("Retrospective", monday + timedelta(days=3), "15:00", "16:00")
    )
    call = _zoned(
        "Call with New York", monday + timedelta(days=8), "09:00", "10:00", zone="America/New_York"
    )
    yield _file("work", "new-york", call)
    yield _file("work", "offsite", _whole_days("Team off-site", monday + timedelta(days=10), 2))
    yield _file("home", "dentist", _zoned("Dentist", monday + timedelta(days=1), "14:00", "15:30"))
    birthday = _whole_days("Mum's birthday", monday + timedelta(days=9), 1, free=True)
    yield _file("home", "birthday", birthday)
    yield _file(
        "home",
        "gym",
        _zoned("Gym (if there is time)", monday + timedelta(days=7), "12:00", "13:00", free=True),
    )


def _ben(monday: date) -> Iterator[tuple[str, str]]:
    yield _file(
        "work",
        "planning",
        _zoned("Planning", monday + timedelta(days=1), "10:00", "12:00", rrule="FREQ=WEEKLY"),
    )
    yield _file(
        "work", "training", _whole_days("First-aid training", monday + timedelta(days=9), 1)
    )
    yield _file(
        "home", "school", _zoned("School run", monday, "15:00", "15:30", rrule="FREQ=DAILY")
    )


def _carla(monday: date) -> Iterator[tuple[str, str]]:
    open_day = _zoned("Studio open day", monday + timedelta(days=11), "13:00", "17:00")
    yield _file("rota", "rota", open_day)


def _file(calendar: str, name: str, *events: str) -> tuple[str, str]:
    """Where below somebody's home it lies, and what it says."""
    body = "".join(events).replace("UID:", f"UID:demo-{name}")
    ics = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Demo//EN\r\n{body}END:VCALENDAR\r\n"
    return f"{calendar}/demo-{name}.ics", ics


def _zoned(
    title: str,
    day: date,
    start: str,
    end: str,
    *,
    zone: str = "Europe/Berlin",
    rrule: str = "",
    free: bool = False,
) -> str:
    return _event(
        f"DTSTART;TZID={zone}:{_local(day, start)}",
        f"DTEND;TZID={zone}:{_local(day, end)}",
        *([f"RRULE:{rrule}"] if rrule else []),
        f"SUMMARY:{title}",
        f"TRANSP:{'TRANSPARENT' if free else 'OPAQUE'}",
    )


def _override(series: str, day: date, planned: str, start: str | None, end: str | None) -> str:
    """One day of a series at another time; without a time it is cancelled."""
    title = next(line for line in series.split("\r\n") if line.startswith("SUMMARY"))
    instead = [
        f"DTSTART;TZID=Europe/Berlin:{_local(day, start or planned)}",
        f"DTEND;TZID=Europe/Berlin:{_local(day, end or planned)}",
    ]
    status = [] if start else ["STATUS:CANCELLED"]
    return _event(
        f"RECURRENCE-ID;TZID=Europe/Berlin:{_local(day, planned)}", *instead, title, *status
    )


def _whole_days(title: str, first: date, days: int, *, free: bool = False) -> str:
    return _event(
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{first + timedelta(days=days):%Y%m%d}",
        f"SUMMARY:{title}",
        f"TRANSP:{'TRANSPARENT' if free else 'OPAQUE'}",
    )


def _event(*lines: str) -> str:
    stamp = "DTSTAMP:20260101T000000Z"
    return "\r\n".join(["BEGIN:VEVENT", "UID:", stamp, *lines, "END:VEVENT", ""])


def _local(day: date, clock: str) -> str:
    return f"{datetime.combine(day, datetime.strptime(clock, '%H:%M').time()):%Y%m%dT%H%M%S}"  # noqa: DTZ007
