"""An owner changes an event of theirs on its page: over pages, the job queue and a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member, User
from calendars.models import BlockedSlot, OutboxItem
from demo.visitor import Page
from integrations.caldav.editing import Said, said
from integrations.models import Connection, OwnerEdit
from tests.bookings import book_at, make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, utc_event
from tests.integrations.following import deliver, sync
from tests.integrations.test_editing import at, blocked, drag, span
from tests.jobs import work_off

SignIn = Callable[[User], Client]
CONNECTIONS = "/s/riverside/settings/calendars/connections/"
WALL = "%Y-%m-%dT%H:%M"


@pytest.fixture
def dentist(account: ICloudAccount, linked: str) -> str:
    path = f"{linked}dentist.ics"
    account.server.put(path, utc_event("dentist", *span(9), summary="Dentist"))
    sync()
    return path


@pytest.fixture
def ana(tenant: Tenant, signed_in: SignIn) -> Client:
    return signed_in(tenant.owner)


def page_of(slot: BlockedSlot) -> str:
    return f"/s/riverside/calendar/blocked/{slot.pk}/"


def the_slot() -> BlockedSlot:
    found = BlockedSlot.objects.order_by("pk").first()
    assert found is not None
    return found


def read(client: Client, path: str) -> Page:
    answer = client.get(path, follow=True)
    return Page(path, answer.status_code, answer.content.decode())


def filled(client: Client, **values: str) -> dict[str, str]:
    """The form for the slot's event as it is shown, with other values."""
    form = read(client, f"{page_of(the_slot())}event/").form_with("starts_at")
    return {**form.fields, **values}


def times(hour: int, zone: Any) -> dict[str, str]:
    """A whole hour as the owner's form has it."""
    starts_at, ends_at = (moment.astimezone(zone) for moment in span(hour))
    return {"starts_at": f"{starts_at:{WALL}}", "ends_at": f"{ends_at:{WALL}}"}


def zone_of(tenant: Tenant) -> Any:
    return Member.objects.select_related("sub_account").get(user=tenant.owner).zone


def standing(account: ICloudAccount, path: str, tenant: Tenant) -> Said:
    return said(account.server.get(path), zone=zone_of(tenant))


def test_an_owner_moves_and_renames_an_event_and_the_slot_follows(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    zone, url = zone_of(tenant), f"{page_of(the_slot())}event/"
    assert "Change title and time" in read(ana, page_of(the_slot())).text

    answer = ana.post(url, filled(ana, title="Vet", **times(14, zone)), follow=True)

    assert "Until iCloud has it, the old and the new time are both blocked." in text_of(answer)
    assert "Being saved to iCloud" in text_of(answer)
    work_off()
    assert standing(account, dentist, tenant) == at(14, "Vet")
    assert blocked() == [(14, "")]
    week = read(ana, f"/s/riverside/calendar/?date={span(14)[0].astimezone(zone).date()}").text
    assert ("Vet" in week, "Being saved" in week) == (True, False)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_form_shows_the_event_by_its_owners_clock(
    tenant: Tenant, dentist: str, ana: Client
) -> None:
    fields = filled(ana)

    del fields["csrfmiddlewaretoken"]
    assert len(fields.pop("version")) == 16
    assert fields == {"title": "Dentist", **times(9, zone_of(tenant))}


def test_a_form_that_is_wrong_comes_again_and_says_why(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    zone, url = zone_of(tenant), f"{page_of(the_slot())}event/"
    backwards = {"ends_at": times(8, zone)["starts_at"]}
    wrong = [
        (backwards, "It has to end after it begins."),
        ({"ends_at": "2199-01-01T10:00"}, "A month is the most that an event may last here."),
        ({"starts_at": "soon"}, "Enter a date and a time"),
        ({"title": "x" * 501}, "at most 500 characters"),
        ({"title": "one\nATTENDEE:mailto:gwen@guest.test"}, "leave out line breaks"),
    ]

    for values, words in wrong:
        answer = ana.post(url, filled(ana, **values))
        assert (answer.status_code, words in text_of(answer)) == (422, True), values

    assert not OwnerEdit.objects.exists()
    assert not OutboxItem.objects.exists()


def test_an_event_that_changed_while_the_page_was_open_is_shown_again(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    zone, url = zone_of(tenant), f"{page_of(the_slot())}event/"
    stale = filled(ana, **times(14, zone))
    drag(account, dentist, 11, "Vet")
    sync()

    answer = ana.post(url, stale)

    page = Page(url, answer.status_code, text_of(answer))
    assert page.status == 409
    assert "“Vet”" in page.text
    fields = page.form_with("starts_at").fields
    assert (fields["title"], fields["starts_at"]) == ("Dentist", times(14, zone)["starts_at"])
    ana.post(url, {**fields, "title": "Vet"})
    work_off()
    assert standing(account, dentist, tenant) == at(14, "Vet")


def test_an_edit_is_taken_back_on_the_page(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    url = page_of(the_slot())
    ana.post(f"{url}event/", filled(ana, **times(14, zone_of(tenant))))
    assert "Take the change back" in read(ana, url).text

    answer = ana.post(f"{url}event/undo/", follow=True)

    assert "The change is taken back." in text_of(answer)
    work_off()
    assert standing(account, dentist, tenant) == at(9)
    assert blocked() == [(9, "")]


def test_an_edit_that_was_not_saved_shows_both_and_can_be_dismissed(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    url = page_of(the_slot())
    ana.post(f"{url}event/", filled(ana, **times(14, zone_of(tenant))))
    drag(account, dentist, 11)
    work_off()

    page = read(ana, url).text

    zone = zone_of(tenant)
    for hour in (14, 11):
        assert f"{span(hour)[0].astimezone(zone):%H:%M}" in page
    assert "You wanted" in page
    ana.post(f"{url}event/undo/")
    assert not OwnerEdit.objects.exists()
    assert "not saved" not in read(ana, url).text
    assert blocked() == [(11, "")]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["RRULE:FREQ=DAILY;COUNT=3"], "It repeats."),
        (["ATTENDEE:mailto:gwen@guest.test"], "It has an organiser or guests"),
    ],
)
def test_what_cannot_be_changed_here_says_so_with_the_reason(
    account: ICloudAccount, dentist: str, ana: Client, lines: list[str], reason: str
) -> None:
    account.server.put(dentist, utc_event("dentist", *span(9), *lines))
    sync()
    slot, before = the_slot(), account.server.get(dentist)

    page = read(ana, page_of(slot)).text
    answer = ana.post(f"{page_of(slot)}event/", {"title": "Mine"}, follow=True)

    assert "Change it in Apple Calendar" in page
    assert reason in page
    assert "Change title and time" not in page
    assert reason in text_of(answer)
    work_off()
    assert account.server.get(dentist) == before


def test_an_all_day_event_says_that_it_lasts_all_day(
    account: ICloudAccount, linked: str, ana: Client
) -> None:
    day = tomorrow_at(0)
    text = utc_event("day", *span(9)).replace(f":{span(9)[0]:%Y%m%dT%H%M%SZ}", f":{day:%Y%m%d}")
    text = text.replace(f"DTEND:{span(9)[1]:%Y%m%dT%H%M%SZ}\r\n", "")
    account.server.put(f"{linked}day.ics", text)
    sync()

    assert "It lasts all day." in read(ana, page_of(the_slot())).text


def test_team_mates_and_admins_do_not_change_anybodys_event(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client, signed_in: SignIn
) -> None:
    data, url = filled(ana, **times(14, zone_of(tenant))), page_of(the_slot())

    for user in (tenant.mate, tenant.admin):
        client = signed_in(user)
        answers = [
            client.get(f"{url}event/").status_code,
            client.post(f"{url}event/", data).status_code,
            client.post(f"{url}event/undo/").status_code,
        ]
        assert answers == [404, 404, 404]
        assert "Change title and time" not in read(client, url).text

    work_off()
    assert standing(account, dentist, tenant) == at(9)


def test_colleagues_read_nothing_of_an_edit(
    tenant: Tenant, dentist: str, ana: Client, signed_in: SignIn
) -> None:
    data = filled(ana, title="Secret", **times(14, zone_of(tenant)))
    ana.post(f"{page_of(the_slot())}event/", data)
    new = BlockedSlot.objects.exclude(pk=the_slot().pk).get()
    mate = signed_in(tenant.mate)
    day = span(14)[0].astimezone(zone_of(tenant)).date()

    week = read(mate, f"/s/riverside/calendar/?date={day}&user={tenant.owner.pk}").text
    pages = [week, *(read(mate, page_of(slot)).text for slot in (new, the_slot()))]

    assert ["Secret" in page or "saved to iCloud" in page for page in pages] == [False] * 3


def test_a_kept_slot_is_released_not_edited(
    account: ICloudAccount, dentist: str, ana: Client
) -> None:
    account.server.delete(dentist)
    sync()
    slot = the_slot()

    page = read(ana, page_of(slot)).text
    answer = ana.get(f"{page_of(slot)}event/", follow=True)

    assert ("Release this time" in page, "Change title and time" in page) == (True, False)
    assert "Release the time instead" in text_of(answer)


def test_an_event_of_a_conflict_calendar_is_changed_in_apple_calendar(
    account: ICloudAccount, linked: str, ana: Client
) -> None:
    account.server.put(f"{account.home}home/tea.ics", utc_event("tea", *span(9)))
    sync()

    page = read(ana, page_of(the_slot())).text

    assert "Only events of your linked calendar can be changed from here." in page


def test_an_account_that_needs_reconnecting_offers_no_edit(dentist: str, ana: Client) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)

    page = read(ana, page_of(the_slot())).text

    assert "needs reconnecting first" in page
    assert "Change title and time" not in page


def test_an_edit_into_a_meeting_is_saved_with_a_warning(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    book_at(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(14))

    answer = ana.post(
        f"{page_of(the_slot())}event/", filled(ana, **times(14, zone_of(tenant))), follow=True
    )

    assert "You have a meeting in that time." in text_of(answer)
    deliver()
    assert standing(account, dentist, tenant) == at(14)


def test_the_edit_page_of_a_slot_leads_to_the_form_of_its_kind(
    tenant: Tenant, dentist: str, ana: Client
) -> None:
    by_hand = BlockedSlot.objects.create(
        sub_account=tenant.sub_account,
        user=tenant.owner,
        starts_at=timezone.now(),
        ends_at=tomorrow_at(9),
    )
    event = the_slot()

    there = ana.get(f"{page_of(event)}edit/")
    back = ana.get(f"{page_of(by_hand)}event/")

    assert (there.status_code, there["Location"]) == (302, f"{page_of(event)}event/")
    assert (back.status_code, back["Location"]) == (302, f"{page_of(by_hand)}edit/")


def test_disconnecting_says_what_has_not_reached_icloud(
    tenant: Tenant, account: ICloudAccount, dentist: str, ana: Client
) -> None:
    zone = zone_of(tenant)
    question = f"{CONNECTIONS}{Connection.objects.get().pk}/disconnect/"
    dropped = "1 change you made to your own events has not reached iCloud yet and is dropped"
    assert dropped not in read(ana, question).text

    ana.post(f"{page_of(the_slot())}event/", filled(ana, title="Vet", **times(14, zone)))
    assert dropped in read(ana, question).text
    ana.post(question)
    work_off()

    assert standing(account, dentist, tenant) == at(9, "Dentist")
    assert not OwnerEdit.objects.exists()
