"""Two people's iCloud, as a local CalDAV server: calendars of every kind, realistic events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fakes.radicale_server import RadicaleServer

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class AppleAccount:
    """A demo Apple ID with its app-specific password: worth nothing outside this machine."""

    apple_id: str
    app_password: str

    @property
    def home(self) -> str:
        return f"/{self.apple_id.replace('@', '%40')}/"


ANA = AppleAccount("ana@icloud.test", "riva-demo-anas-word")
BEN = AppleAccount("ben@icloud.test", "riva-demo-bens-word")


def furnish(server: RadicaleServer, today: date) -> None:
    """Have both accounts with their calendars; events lie in the weeks around today."""
    for account, name in ((ANA, "Ana"), (BEN, "Ben")):
        if account.apple_id not in server.users:
            _make_calendars(server, account, name)
    _put_events(server, today)


def _make_calendars(server: RadicaleServer, account: AppleAccount, name: str) -> None:
    server.add_user(account.apple_id, account.app_password)
    home = account.home
    server.make_calendar(f"{home}home/", "Home", color="#34C759FF")
    server.make_calendar(f"{home}work/", f"{name}'s work", color="#0E61B9FF")
    server.make_calendar(f"{home}studio/", "Studio rota (Carla)", color="#AF52DEFF")
    server.make_reminders(f"{home}tasks/", "Reminders")
    server.make_subscribed(
        f"{home}holidays/", "Public holidays", "https://calendars.example/holidays.ics"
    )


def _put_events(server: RadicaleServer, today: date) -> None:
    """Put every event anew when the week has changed since the last time."""
    week = f"{today.isocalendar().year}-{today.isocalendar().week}"
    stamp = Path(server.folder) / "furnished"
    if stamp.exists() and stamp.read_text() == week:
        return
    monday = today - timedelta(days=today.weekday())
    for path, ics in [*_ana(monday), *_ben(monday), *_rota(monday)]:
        server.put(path, ics)
    for account in (ANA, BEN):
        server.set_read_only(f"{account.home}studio/")
    stamp.write_text(week)


def _ana(monday: date) -> Iterator[tuple[str, str]]:
    work, home = f"{ANA.home}work/", f"{ANA.home}home/"
    standup = _zoned("Stand-up", monday, "09:30", "09:45", rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    moved = _override(standup, monday + timedelta(days=2), "09:30", "11:00", "11:15")
    dropped = _override(standup, monday + timedelta(days=4), "09:30", None, None)
    yield _file(work, "stand-up", standup, moved, dropped)
    yield _file(
        work, "retro", _zoned("Retrospective", monday + timedelta(days=3), "15:00", "16:00")
    )
    call = _zoned(
        "Call with New York", monday + timedelta(days=8), "09:00", "10:00", zone="America/New_York"
    )
    yield _file(work, "new-york", call)
    yield _file(work, "offsite", _whole_days("Team off-site", monday + timedelta(days=10), 2))
    yield _file(home, "dentist", _zoned("Dentist", monday + timedelta(days=1), "14:00", "15:30"))
    birthday = _whole_days("Mum's birthday", monday + timedelta(days=9), 1, free=True)
    yield _file(home, "birthday", birthday)
    yield _file(
        home,
        "gym",
        _zoned("Gym (if there is time)", monday + timedelta(days=7), "12:00", "13:00", free=True),
    )


def _ben(monday: date) -> Iterator[tuple[str, str]]:
    work, home = f"{BEN.home}work/", f"{BEN.home}home/"
    yield _file(
        work,
        "planning",
        _zoned("Planning", monday + timedelta(days=1), "10:00", "12:00", rrule="FREQ=WEEKLY"),
    )
    yield _file(work, "training", _whole_days("First-aid training", monday + timedelta(days=9), 1))
    yield _file(home, "school", _zoned("School run", monday, "15:00", "15:30", rrule="FREQ=DAILY"))


def _rota(monday: date) -> Iterator[tuple[str, str]]:
    for account in (ANA, BEN):
        yield _file(
            f"{account.home}studio/",
            "rota",
            _zoned("Studio open day", monday + timedelta(days=11), "13:00", "17:00"),
        )


def _file(folder: str, name: str, *events: str) -> tuple[str, str]:
    body = "".join(events).replace("UID:", f"UID:demo-{name}")
    ics = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Demo//EN\r\n{body}END:VCALENDAR\r\n"
    return f"{folder}demo-{name}.ics", ics


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
