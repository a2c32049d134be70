"""Until when an account is not to be had."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from integrations.models import Connection
from integrations.services import leasing

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SOON = NOW + timedelta(seconds=3)
AN_HOUR_ON = NOW + timedelta(hours=1)


def test_an_account_in_other_hands_is_asked_for_again_soon(connection: Connection) -> None:
    account = connection.remote_account

    with time_machine.travel(NOW, tick=False), leasing.held(account):
        with pytest.raises(leasing.NotNow) as busy, leasing.held(account):
            pytest.fail("Two hold it.")
        assert busy.value.until == SOON

    with time_machine.travel(NOW, tick=False), leasing.held(account) as lease:
        leasing.extend(account, lease)


def test_an_account_that_rests_is_asked_for_when_that_is_over(connection: Connection) -> None:
    account = connection.remote_account
    leasing.rest(account, until=AN_HOUR_ON)

    with (
        time_machine.travel(NOW, tick=False),
        pytest.raises(leasing.NotNow) as busy,
        leasing.held(account),
    ):
        pytest.fail("It was spoken to while it rests.")

    assert busy.value.until == AN_HOUR_ON


def test_who_does_not_speak_to_it_waits_for_other_hands_alone(connection: Connection) -> None:
    account = connection.remote_account
    leasing.rest(account, until=AN_HOUR_ON)

    with (
        time_machine.travel(NOW, tick=False),
        leasing.held(account, speaks=False),
        pytest.raises(leasing.NotNow) as busy,
        leasing.held(account, speaks=False),
    ):
        pytest.fail("Two hold it.")

    assert busy.value.until == SOON
