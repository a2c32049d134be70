"""Events as other calendar programs store them."""

import re
from datetime import datetime, timedelta


def busy_event(start: datetime, title: str = "Smoke test one") -> str:
    end = start + timedelta(hours=2)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Smoke//EN",
        "BEGIN:VEVENT",
        "UID:smoke",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def moved(ics: str, start: datetime) -> str:
    """The event at another time, as a calendar program stores it when it is dragged there."""
    end = start + timedelta(minutes=30)
    ics = re.sub(r"DTSTART[^\r\n]*", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", ics)
    return re.sub(r"DTEND[^\r\n]*", f"DTEND:{end:%Y%m%dT%H%M%SZ}", ics)
