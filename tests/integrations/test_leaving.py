from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from accounts.services.memberships import LastAdmin
from calendars.models import (
    Appointment,
    BlockedSlot,
    BusySource,
    Calendar,
    CalendarHost,
    Meeting,
    MeetingHost,
)
from integrations.models import CalendarConfiguration, Connection
from integrations.services.leaving import meetings_to_reassign, remove_member
from tests.architecture.world import SignIn, World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World, signed_in: SignIn) -> Client:
    return signed_in(world.here.admin)


def removal(member: Member) -> str:
    return f"/s/riverside/settings/team/{member.pk}/remove/"


def counts(world: World) -> dict[str, int]:
    """What the owner has in the sub-account."""
    here, owner = world.here.sub_account, world.here.owner
    return {
        "member": Member.objects.within(here).filter(user=owner).count(),
        "live connections": Connection.objects.of(owner, here).count(),
        "configurations": CalendarConfiguration.objects.within(here).filter(user=owner).count(),
        "feeds": BusySource.objects.within(here).filter(user=owner).count(),
        "blocked slots": BlockedSlot.objects.within(here).filter(user=owner).count(),
        "hosted calendars": CalendarHost.objects.within(here).filter(user=owner).count(),
        "meetings": MeetingHost.objects.within(here).filter(user=owner).count(),
    }


def test_removing_a_member_takes_their_calendars_out_and_leaves_their_meetings(
    world: World,
) -> None:
    remove_member(world.rows[Member], by=world.here.admin)

    connection = Connection.objects.get(pk=world.rows[Connection].pk)
    assert counts(world) == {**dict.fromkeys(counts(world), 0), "meetings": 1}
    assert (connection.state, connection.secret, connection.problem) == ("disconnected", "", "")


def test_whoever_leaves_restarts_the_count_for_equal_distribution(world: World) -> None:
    long_ago = timezone.now() - timedelta(days=40)
    Calendar.objects.update(counts_since=long_ago)

    remove_member(world.rows[Member], by=world.here.admin)

    here = Calendar.objects.get(pk=world.rows[Calendar].pk)
    assert here.counts_since > long_ago
    assert Calendar.objects.filter(counts_since=long_ago).exists()


def test_removing_a_member_leaves_their_other_sub_accounts_alone(world: World) -> None:
    elsewhere = world.there.sub_account
    Member.objects.create(sub_account=elsewhere, user=world.here.owner)
    BusySource.objects.create(sub_account=elsewhere, user=world.here.owner, name="Work")

    remove_member(world.rows[Member], by=world.here.admin)

    assert BusySource.objects.within(elsewhere).filter(user=world.here.owner).count() == 1
    assert Member.objects.within(elsewhere).filter(user=world.here.owner).count() == 1


def test_the_last_admin_stays_and_so_does_everything_of_theirs(world: World) -> None:
    last = Member.objects.get(user=world.here.admin)

    with pytest.raises(LastAdmin):
        remove_member(last, by=world.here.admin)

    assert Member.objects.filter(pk=last.pk).exists()


def test_meetings_to_reassign_are_upcoming_and_held_by_somebody(world: World) -> None:
    now = timezone.now()
    held: Meeting = world.rows[Meeting]
    assert meetings_to_reassign(world.rows[Member], now) == [held]
    assert meetings_to_reassign(world.rows[Member], held.ends_at + timedelta(seconds=1)) == []

    Appointment.objects.update(status=Appointment.Status.CANCELLED)

    assert meetings_to_reassign(world.rows[Member], now) == []


def test_what_somebody_else_took_over_is_not_to_be_reassigned(world: World) -> None:
    MeetingHost.objects.update(is_serving=False)

    assert meetings_to_reassign(world.rows[Member], timezone.now()) == []


def test_what_a_removed_member_leaves_behind_leads_to_another_host_before_and_after(
    world: World, admin: Client
) -> None:
    appointment = world.rows[Appointment]
    move = f"/s/riverside/appointments/{appointment.pk}/move/"
    attention = "/s/riverside/appointments/?show=attention"
    before = admin.get(attention).content.decode()

    asked = admin.get(removal(world.rows[Member])).content.decode()
    done = admin.post(removal(world.rows[Member]), follow=True).content.decode()
    after = admin.get(attention).content.decode()

    assert f'href="{move}"' in asked
    assert "1 upcoming meeting still to give to another host." in done
    assert ["Host has left" in page for page in (before, after)] == [False, True]


def test_the_page_says_what_removing_means_and_does_nothing_yet(
    world: World, admin: Client
) -> None:
    before = counts(world)

    page = admin.get(removal(world.rows[Member])).content.decode()

    assert "Remove Owner?" in page
    assert "riverside calendar" in page
    assert "owner@icloud.riverside.test" in page
    assert counts(world) == before


def test_an_admin_removes_a_member_who_is_out_at_once(
    world: World, admin: Client, signed_in: SignIn
) -> None:
    removed = signed_in(world.here.owner)

    answer = admin.post(removal(world.rows[Member]))

    assert (answer.status_code, answer["Location"]) == (302, "/s/riverside/settings/team/")
    assert removed.get("/s/riverside/calendar/").status_code == 404


def test_the_last_admin_cannot_remove_themselves(world: World, admin: Client) -> None:
    last = Member.objects.get(user=world.here.admin)

    shown, answer = admin.get(removal(last)), admin.post(removal(last))

    assert "A sub-account needs an admin" in shown.content.decode()
    assert answer.status_code == 422
    assert Member.objects.filter(pk=last.pk).exists()


def test_an_admin_may_leave_while_another_stays(world: World, admin: Client) -> None:
    Member.objects.filter(user=world.here.mate).update(role=Member.Role.ADMIN)
    last = Member.objects.get(user=world.here.admin)

    answer = admin.post(removal(last))

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not Member.objects.filter(pk=last.pk).exists()
