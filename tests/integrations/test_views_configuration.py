from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from calendars.models import BusySource
from integrations.caldav.blocking import AllDay, ReadingRules
from integrations.caldav.discovery import CalendarKind
from integrations.models import ConflictCalendar, Connection, RemoteAccount, RemoteCalendar
from integrations.services.configuring import (
    NOT_YOURS,
    READ_ONLY,
    choice_of,
    choose_conflicts,
    choose_linked,
    configuration_of,
)
from integrations.services.connecting import record_listing
from integrations.services.disconnecting import disconnect
from tests.conftest import Tenant
from tests.integrations.conftest import MakeAccount, listing, named
from tests.passwords import PASSWORD

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE = "/s/riverside/settings/calendars/configuration/"
PROFILE = "/s/riverside/settings/profile/calendar-configuration/"
CONNECTIONS = "/s/riverside/settings/calendars/connections/"
SignIn = Callable[[User], Client]


@pytest.fixture
def owner(tenant: Tenant, signed_in: SignIn) -> Client:
    return signed_in(tenant.owner)


@pytest.fixture
def calendars(connection: Connection) -> Connection:
    """The owner's connection with calendars of every sort."""
    record_listing(
        connection,
        [
            listing("/1/home/", "Home"),
            listing("/1/work/", "Work"),
            listing("/1/team/", "Team", can_write=False, is_shared=True),
            listing("/1/odd/", "Odd", can_write=None),
            listing("/1/fixtures/", "Fixtures", kind=CalendarKind.SUBSCRIBED),
            listing("/1/tasks/", "Tasks", kind=CalendarKind.REMINDERS),
        ],
        now=NOW,
    )
    return connection


def chosen(tenant: Tenant) -> tuple[str, list[str]]:
    choice = choice_of(tenant.owner, tenant.sub_account)
    return str(choice.linked or ""), [str(calendar) for calendar in choice.conflicts]


@pytest.mark.parametrize("url", [BASE, PROFILE, f"{BASE}linked/", f"{BASE}conflicts/"])
def test_before_any_connection_the_panel_leads_to_connections(owner: Client, url: str) -> None:
    response = owner.get(url, follow=True)

    assert response.redirect_chain == [(CONNECTIONS, 302)]
    assert "Connect an iCloud account first" in response.content.decode()


def test_after_the_last_connection_went_the_panel_goes_too(
    owner: Client, connection: Connection
) -> None:
    disconnect(connection)

    assert owner.get(BASE).status_code == 302


@pytest.mark.parametrize("url", [BASE, PROFILE])
def test_both_addresses_show_the_same_panel(owner: Client, calendars: Connection, url: str) -> None:
    page = owner.get(url).content.decode()

    assert "Linked calendar" in page
    assert "Conflict calendars" in page
    assert f'href="{BASE}linked/"' in page
    assert f'href="{BASE}conflicts/"' in page
    assert "No conflict calendar is set" in page


def test_from_icloud_to_a_configured_panel(
    owner: Client, tenant: Tenant, apple: MakeAccount
) -> None:
    ana = apple("ana")
    ana.read_only_calendar("team", "Team")
    connection = ana.connected(tenant.owner, tenant.sub_account)

    owner.post(f"{BASE}linked/", {"calendar": named(connection, "Work").pk})
    owner.post(
        f"{BASE}conflicts/",
        {"calendars": [named(connection, "Work").pk, named(connection, "Team").pk]},
    )
    page = owner.get(BASE).content.decode()

    assert chosen(tenant) == ("Work", ["Team", "Work"])
    assert page.count("Being read, not bookable yet") == 3
    assert "No conflict calendar is set" not in page
    assert "read-only" in page


def test_the_linked_dialog_groups_by_account_and_says_why_not(
    owner: Client, calendars: Connection
) -> None:
    page = owner.get(f"{BASE}linked/").content.decode()

    assert "<legend>ana@icloud.com</legend>" in page
    assert READ_ONLY.replace("'", "&#x27;") in page
    assert "whether it may be written to" in page
    assert "Fixtures" not in page
    assert "Tasks" not in page
    disabled = [part for part in page.split("<input")[1:] if "disabled" in part.split(">")[0]]
    assert len(disabled) == 2


def test_one_calendar_or_none_is_linked(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    response = owner.post(f"{BASE}linked/", {"calendar": named(calendars, "Work").pk})
    assert response["Location"] == BASE
    assert chosen(tenant) == ("Work", ["Work"])

    page = owner.post(f"{BASE}linked/", {"calendar": ""}, follow=True).content.decode()

    assert chosen(tenant) == ("", ["Work"])
    assert "not written to iCloud from now on" in page
    assert "“Work” is still checked for conflicts." in page


def test_the_linked_calendar_is_ticked_and_can_be_unticked(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    work = named(calendars, "Work")
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), work)
    dialog = owner.get(f"{BASE}conflicts/").content.decode()
    (box,) = [part for part in dialog.split("<input") if f'value="{work.pk}"' in part]
    assert "checked" in box.split(">")[0]
    assert "Linked calendar" in box

    page = owner.post(f"{BASE}conflicts/", {}, follow=True).content.decode()

    assert chosen(tenant) == ("Work", [])
    assert "No conflict calendar is set" in page
    assert "does not block your time" in page


def test_the_conflict_dialog_offers_shared_and_read_only_calendars(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    dialog = owner.get(f"{BASE}conflicts/").content.decode()
    assert "Shared in iCloud · Read-only" in dialog

    owner.post(f"{BASE}conflicts/", {"calendars": [named(calendars, "Team").pk]})

    assert chosen(tenant) == ("", ["Team"])


def foreign(tenant: Tenant) -> RemoteCalendar:
    connection: Connection = Connection.objects.create(
        user=tenant.mate,
        sub_account=tenant.sub_account,
        remote_account=RemoteAccount.objects.create(principal_path="/2/"),
        account_name="mate@icloud.com",
        secret=PASSWORD,
        home_path="/2/",
    )
    record_listing(connection, [listing("/2/a/", "Mate's")], now=NOW)
    return connection.calendars.get()


def test_another_persons_calendar_is_neither_shown_nor_taken(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    theirs = foreign(tenant)

    linked = owner.post(f"{BASE}linked/", {"calendar": theirs.pk})
    checked = owner.post(
        f"{BASE}conflicts/", {"calendars": [named(calendars, "Home").pk, theirs.pk]}
    )

    for response in (linked, checked):
        assert response.status_code == 422
        assert NOT_YOURS in response.content.decode()
        assert "Mate" not in response.content.decode()
    assert chosen(tenant) == ("", [])
    assert BusySource.objects.count() == ConflictCalendar.objects.count() == 0


@pytest.mark.parametrize("name", ["Team", "Odd", "Fixtures", "Tasks"])
def test_what_cannot_be_linked_is_refused_when_sent_anyway(
    owner: Client, tenant: Tenant, calendars: Connection, name: str
) -> None:
    response = owner.post(f"{BASE}linked/", {"calendar": named(calendars, name).pk})

    assert response.status_code == 422
    assert chosen(tenant) == ("", [])


@pytest.mark.parametrize("name", ["Fixtures", "Tasks"])
def test_what_cannot_be_checked_is_refused_when_sent_anyway(
    owner: Client, tenant: Tenant, calendars: Connection, name: str
) -> None:
    ids = [named(calendars, "Home").pk, named(calendars, name).pk]

    assert owner.post(f"{BASE}conflicts/", {"calendars": ids}).status_code == 422
    assert chosen(tenant) == ("", [])


@pytest.mark.parametrize("sent", ["999999", "x", "-1", "1 OR 1=1", "\x00"])
def test_nonsense_is_refused(
    owner: Client, tenant: Tenant, calendars: Connection, sent: str
) -> None:
    assert owner.post(f"{BASE}linked/", {"calendar": sent}).status_code == 422
    assert owner.post(f"{BASE}conflicts/", {"calendars": [sent]}).status_code == 422


def test_sending_nothing_does_not_unlink(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), named(calendars, "Work"))

    assert owner.post(f"{BASE}linked/", {}).status_code == 422
    assert chosen(tenant) == ("Work", ["Work"])


def test_two_accounts_are_two_groups_and_disconnected_ones_none(
    owner: Client, tenant: Tenant, apple: MakeAccount
) -> None:
    ana, bea, gone = apple("ana"), apple("bea"), apple("gone")
    for account in (ana, bea):
        account.connected(tenant.owner, tenant.sub_account)
    disconnect(gone.connected(tenant.owner, tenant.sub_account))

    page = owner.get(f"{BASE}conflicts/").content.decode()

    assert f"<legend>{ana.name}</legend>" in page
    assert f"<legend>{bea.name}</legend>" in page
    assert gone.name not in page


def test_the_panel_says_when_each_was_read_and_what_became_of_it(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    configuration = configuration_of(tenant.owner, tenant.sub_account)
    choose_linked(configuration, named(calendars, "Work"))
    choose_conflicts(configuration, [named(calendars, "Home"), named(calendars, "Team")])
    BusySource.objects.filter(name="Home").update(last_read_at=NOW)
    BusySource.objects.filter(name="Work").update(last_read_at=timezone.now())
    RemoteCalendar.objects.filter(name="Work").update(can_write=False)

    page = owner.get(BASE).content.decode()

    assert "Out of date" in page
    assert "2 Mar, 13:00" in page
    assert "Being read, not bookable yet" in page
    assert "Appointments can’t be written" in page


def test_looking_at_the_pages_writes_nothing(
    owner: Client, tenant: Tenant, calendars: Connection
) -> None:
    for url in (BASE, PROFILE, f"{BASE}linked/", f"{BASE}conflicts/"):
        assert owner.get(url).status_code == 200

    assert tenant.owner.calendarconfiguration_set.count() == 0


def settings_page(connection: Connection, name: str) -> str:
    return f"{BASE}conflicts/{named(connection, name).pk}/"


@pytest.fixture
def checked(tenant: Tenant, calendars: Connection) -> Connection:
    """Work is checked for conflicts, Home is not."""
    choose_conflicts(configuration_of(tenant.owner, tenant.sub_account), [named(calendars, "Work")])
    return calendars


def test_each_conflict_calendar_leads_to_its_reading_settings(
    owner: Client, checked: Connection
) -> None:
    page = owner.get(BASE).content.decode()

    assert f'href="{settings_page(checked, "Work")}"' in page
    assert f'href="{settings_page(checked, "Home")}"' not in page


def test_reading_settings_begin_with_the_safe_ones(owner: Client, checked: Connection) -> None:
    form = owner.get(settings_page(checked, "Work")).context["form"]

    assert {name: form[name].value() for name in form.fields} == {
        "all_day": "follow",
        "unanswered_blocks": "yes",
        "tentative_blocks": "yes",
        "travel_counts": "yes",
    }


def test_reading_settings_are_saved_and_shown_again(owner: Client, checked: Connection) -> None:
    url = settings_page(checked, "Work")
    sent = {
        "all_day": "ignore",
        "unanswered_blocks": "no",
        "tentative_blocks": "yes",
        "travel_counts": "no",
    }

    answer = owner.post(url, sent, follow=True)

    assert answer.redirect_chain == [(BASE, 302)]
    assert (
        "Saved. The events of “Work” follow these settings in a moment." in answer.content.decode()
    )
    assert ConflictCalendar.objects.get().rules == ReadingRules(
        AllDay.IGNORE, unanswered_blocks=False, travel_counts=False
    )
    form = owner.get(url).context["form"]
    assert {name: form[name].value() for name in form.fields} == sent


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"all_day": "sometimes"},
        {"all_day": "busy", "unanswered_blocks": "maybe"},
        {"all_day": "busy", "unanswered_blocks": "no", "tentative_blocks": "no"},
    ],
)
def test_settings_that_are_no_choice_are_refused_and_change_nothing(
    owner: Client, checked: Connection, sent: dict[str, str]
) -> None:
    answer = owner.post(settings_page(checked, "Work"), sent)

    assert answer.status_code == 422
    assert ConflictCalendar.objects.get().rules == ReadingRules()


def test_only_calendars_of_ones_own_that_are_checked_have_reading_settings(
    tenant: Tenant, owner: Client, checked: Connection, signed_in: SignIn
) -> None:
    work, home = settings_page(checked, "Work"), settings_page(checked, "Home")

    assert [owner.get(url).status_code for url in (work, home)] == [200, 404]
    others = [signed_in(user) for user in (tenant.mate, tenant.admin)]
    sent = dict.fromkeys(["unanswered_blocks", "tentative_blocks", "travel_counts"], "no")
    answers = [other.post(work, {"all_day": "ignore", **sent}) for other in others]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert ConflictCalendar.objects.get().rules == ReadingRules()
