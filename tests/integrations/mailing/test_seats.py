"""A meeting of several guests: each is told what is theirs, and of nobody else."""

from datetime import timedelta

import pytest

from calendars.models import Appointment, Contact, Mail, MeetingHost
from calendars.services.remote_changes import RemoteMove, take_remote_moves
from tests.calendars.scenes import MONDAY_NINE
from tests.integrations.mailing.reading import event_in, files_in, sent

ONE_DAY, HALF_AN_HOUR = timedelta(days=1), timedelta(minutes=30)
GUESTS = {"Gina Guest": "gina@example.com", "Harry Hall": "harry@example.com"}


@pytest.fixture
def seats(appointment: Appointment) -> list[Appointment]:
    """Two guests of one meeting, of which the second has changed once already."""
    contact = Contact.objects.create(
        sub_account=appointment.meeting.sub_account, name="Harry Hall", email="harry@example.com"
    )
    other = Appointment.objects.create(
        meeting=appointment.meeting,
        contact=contact,
        seat=2,
        guest_name="Harry Hall",
        guest_email="harry@example.com",
        notes="Harry’s knee",
        sequence=1,
    )
    return [appointment, other]


def test_a_move_of_the_whole_meeting_tells_each_guest_of_their_own_seat_only(
    seats: list[Appointment],
) -> None:
    later = MONDAY_NINE + ONE_DAY
    part = MeetingHost.objects.get()
    take_remote_moves([RemoteMove(part.pk, later, later + HALF_AN_HOUR, MONDAY_NINE)])

    mails = Mail.objects.filter(kind="moved", to=None).order_by("appointment")
    messages = [sent(mail) for mail in mails]

    assert [message["To"] for message in messages] == list(GUESTS.values())
    events = [event_in(message) for message in messages]
    assert [(event["UID"], event["SEQUENCE"], event.start) for event in events] == [
        (f"{seats[0].uid}@daybook", 1, later),
        (f"{seats[1].uid}@daybook", 2, later),
    ]
    for message, seat in zip(messages, seats, strict=True):
        [other] = [each for each in seats if each != seat]
        whole = message.as_string() + "".join(file.decode() for _, _, file in files_in(message))
        for theirs in (other.guest_name.split()[0], other.guest_email, other.token):
            assert theirs not in whole
