"""Somebody is removed while something else happens to them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from django.db import connection as database
from django.db import transaction

from accounts.models import Member, SubAccount
from calendars.models import Meeting
from integrations.models import Connection, RemoteAccount
from integrations.services.leaving import remove_member
from tests.architecture.world import SignIn, make_world
from tests.conftest import make_tenant


@pytest.mark.django_db(transaction=True)
def test_a_connection_made_while_its_member_is_removed_is_disconnected() -> None:
    tenant = make_tenant("riverside")
    member = Member.objects.get(user=tenant.owner)
    account = RemoteAccount.objects.create(principal_path="/owner/")
    is_locked = Event()

    def connect() -> None:
        """As connecting does it: the member's row is held until the connection is saved."""
        try:
            with transaction.atomic():
                Member.objects.select_for_update().get(pk=member.pk)
                is_locked.set()
                sleep(0.3)
                Connection.objects.create(
                    user=tenant.owner,
                    sub_account=tenant.sub_account,
                    remote_account=account,
                    account_name="owner@icloud.test",
                    secret="a secret",
                )
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(connect)
        is_locked.wait(5)
        remove_member(member, by=tenant.admin)
        connecting.result()

    made = Connection.objects.get()
    assert (made.state, made.secret) == ("disconnected", "")
    assert not Member.objects.filter(pk=member.pk).exists()


def test_the_page_of_removing_tells_times_in_the_sub_accounts_zone(
    db: None, signed_in: SignIn
) -> None:
    world = make_world()
    meeting = world.rows[Meeting]
    SubAccount.objects.filter(pk=world.here.sub_account.pk).update(time_zone="Asia/Tokyo")

    page = signed_in(world.here.admin).get(
        f"/s/riverside/settings/team/{world.rows[Member].pk}/remove/"
    )

    assert meeting.starts_at.hour == 9
    assert "Tuesday 4 March 2031, 18:00 (Asia/Tokyo)" in page.content.decode()
