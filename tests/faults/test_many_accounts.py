"""Faults 8 and 9 among two hundred accounts: who hangs or is throttled delays nobody else."""

from time import monotonic

import pytest
from django.utils import timezone

from accounts.models import Member, User
from calendars.models import BlockedSlot
from integrations.models import Connection, RemoteAccount
from integrations.services.cycling import read_batch
from tests.conftest import Tenant, make_user
from tests.fakes.icloud import ICloudServer, Misdeed
from tests.fakes.icloud.faults import EVER, answering
from tests.faults.play import Play
from tests.icloud import ICloudAccount

ACCOUNTS, HANGING, THROTTLED = 200, 10, 20
SECONDS = 35  # of the 60 that a batch has


def connected(tenant: Tenant, icloud: ICloudServer, number: int) -> tuple[ICloudAccount, User]:
    """A member with an account of their own and one event in it, not read yet."""
    user = make_user(f"host{number}@riverside.test")
    Member.objects.create(sub_account=tenant.sub_account, user=user, role=Member.Role.USER)
    account = ICloudAccount(icloud)
    work = account.calendar()
    account.connect_and_choose(user, tenant.sub_account, conflicts=[work])
    icloud.put(f"{work}a.ics", Play.event("a", 9))
    return account, user


@pytest.mark.slow
def test_fault_9_of_two_hundred_accounts_ten_hang_and_twenty_are_throttled(
    tenant: Tenant, icloud: ICloudServer
) -> None:
    people = [connected(tenant, icloud, number) for number in range(ACCOUNTS)]
    hanging, throttled = people[:HANGING], people[HANGING : HANGING + THROTTLED]
    for account, _ in hanging:
        icloud.faults.add(Misdeed(delay=120), path=account.home, times=EVER)
    for account, _ in throttled:
        icloud.faults.add(answering(503, retry_after="60"), path=account.home, times=EVER)
    rows = Connection.objects.select_related("remote_account")
    began = monotonic()

    read_batch(list(rows), seconds=SECONDS)

    assert monotonic() - began < SECONDS + 5
    well = {user.pk for _, user in people[HANGING + THROTTLED :]}
    assert set(BlockedSlot.objects.values_list("user_id", flat=True)) == well
    assert rows.exclude(synced_at=None).count() == len(well)
    assert rows.filter(problem="busy").count() == THROTTLED
    resting = RemoteAccount.objects.filter(retry_at__gt=timezone.now())
    assert resting.count() == THROTTLED
    assert not RemoteAccount.objects.exclude(lease_until=None).exists()
