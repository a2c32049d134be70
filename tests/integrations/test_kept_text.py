"""What hosts write into the text of Daybook's events stays there, whatever is written later."""

import re

from calendars.models import Appointment, Calendar
from calendars.services.meetings import want_copies
from integrations.models import MirroredEvent
from integrations.services.rewriting import write_again
from tests.icloud import ICloudAccount
from tests.integrations.events import events_on
from tests.integrations.following import booked, deliver, edit, href_of, notes, part_of, sync

OWN = "Gwen Guest\ngwen@guest.test\n+49 30 1234\nSecond floor"


def write_into(account: ICloudAccount, appointment: Appointment, text: str) -> None:
    """Its host makes this the text of the event, and Daybook reads it."""
    href = href_of(appointment)
    unfolded = account.server.get(href).replace("\r\n ", "")
    edited = re.sub(
        "DESCRIPTION:.*", lambda _: "DESCRIPTION:" + text.replace("\n", r"\n"), unfolded
    )
    account.server.put(href, edited)
    sync()


def change(appointment: Appointment, title: str) -> None:
    """The calendar gets another name, which its events are to say."""
    Calendar.objects.filter(pk=appointment.meeting.calendar_id).update(name=title)
    want_copies(appointment.meeting)
    deliver()


def texts(account: ICloudAccount, path: str) -> list[tuple[str, str]]:
    events = events_on(account, path)
    return [(str(event["SUMMARY"]), str(event["DESCRIPTION"])) for event in events]


def test_what_a_host_added_below_is_kept_when_daybook_writes_again(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    write_into(account, appointment, f"{OWN}\n\nBring the contract.\n\nDoor code 4711")
    assert notes(appointment) == [("noted", "icloud", "Its text was changed in iCloud.")]

    change(appointment, "Long call")

    kept = f"{OWN}\n\nBring the contract.\n\nDoor code 4711"
    assert texts(account, linked) == [("Long call: Gwen Guest", kept)]
    sync()
    change(appointment, "Short call")
    assert texts(account, linked) == [("Short call: Gwen Guest", kept)]
    assert len(notes(appointment)) == 1


def test_what_a_host_wrote_above_or_between_is_kept_below(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    first, *rest = OWN.split("\n")
    write_into(account, appointment, "\n".join(["VIP!", first, "Likes tea", *rest]))

    change(appointment, "Long call")

    assert texts(account, linked) == [("Long call: Gwen Guest", f"{OWN}\n\nVIP!\nLikes tea")]


def test_what_a_host_took_out_again_is_gone(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    write_into(account, appointment, f"{OWN}\n\nBring the contract.")
    change(appointment, "Long call")
    write_into(account, appointment, OWN)

    change(appointment, "Short call")

    assert texts(account, linked) == [("Short call: Gwen Guest", OWN)]


def test_it_is_kept_when_the_event_is_written_anew(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    write_into(account, appointment, f"{OWN}\n\nBring the contract.")
    account.server.delete(href_of(appointment))
    sync()
    sync()

    assert write_again(part_of(appointment))
    deliver()

    assert texts(account, linked) == [("Intro call: Gwen Guest", f"{OWN}\n\nBring the contract.")]


def test_a_change_found_only_while_writing_is_kept_as_well(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, DESCRIPTION=":Bring the contract.")

    change(appointment, "Long call")

    assert texts(account, linked) == [
        ("Long call: Gwen Guest", f"{OWN}\n\nBring the contract."),
    ]


def test_nothing_is_written_because_of_what_a_host_wrote(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    write_into(account, appointment, f"{OWN}\n\nBring the contract.")
    account.server.clear()

    want_copies(appointment.meeting)
    deliver()

    puts = [method for method, _ in account.server.requests if method == "PUT"]
    assert puts == []
    assert MirroredEvent.objects.get().added_text == "Bring the contract."
