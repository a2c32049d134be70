from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from django.utils import translation

from calendars.adding import Link, links
from calendars.models import Appointment
from tests.calendars.test_ical import make_appointment


def test_the_links_tell_what_when_in_utc_where_and_with_whom() -> None:
    booked = make_appointment(name="Yoga & tea, 50 %", location="Room #1/Straße 5")

    assert links(booked, host="Ana + Ben") == [
        Link(
            "Google Calendar",
            "https://calendar.google.com/calendar/render?action=TEMPLATE"
            "&text=Yoga%20%26%20tea%2C%2050%20%25&dates=20260302T080000Z%2F20260302T083000Z"
            "&location=Room%20%231%2FStra%C3%9Fe%205&details=With%20Ana%20%2B%20Ben",
        ),
        *(
            Link(
                name,
                f"https://{site}/calendar/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose"
                "&rru=addevent&subject=Yoga%20%26%20tea%2C%2050%20%25"
                "&startdt=2026-03-02T08%3A00%3A00Z&enddt=2026-03-02T08%3A30%3A00Z"
                "&location=Room%20%231%2FStra%C3%9Fe%205&body=With%20Ana%20%2B%20Ben",
            )
            for name, site in (
                ("Outlook.com", "outlook.live.com"),
                ("Office 365", "outlook.office.com"),
            )
        ),
    ]


def test_what_is_still_to_be_confirmed_says_so_in_the_readers_language() -> None:
    booked = make_appointment(status=Appointment.Status.NEW)

    with translation.override("de"):
        google = links(booked, host="Ana")[0].url

    told = dict(parse_qsl(urlsplit(google).query))
    assert (told["text"], told["details"]) == ("Noch zu bestätigen: Yoga", "Mit Ana")


def test_what_is_not_known_is_left_out_and_midnight_is_the_next_day() -> None:
    booked = make_appointment(location="")
    booked.meeting.starts_at += timedelta(hours=15, minutes=45)
    booked.meeting.ends_at += timedelta(hours=15, minutes=45)

    assert links(booked, host="")[0].url == (
        "https://calendar.google.com/calendar/render?action=TEMPLATE&text=Yoga"
        "&dates=20260302T234500Z%2F20260303T001500Z"
    )
