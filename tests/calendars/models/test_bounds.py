"""What a calendar may be set to."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from calendars.models import Calendar
from tests.conftest import Tenant

SENSELESS = [
    {"duration": timedelta(0)},
    {"duration": timedelta(days=8)},
    {"interval": timedelta(milliseconds=500)},
    {"interval": timedelta(minutes=-5)},
    {"buffer_before": timedelta(minutes=-1)},
    {"buffer_after": timedelta(days=8)},
]


@pytest.mark.parametrize("setting", SENSELESS)
def test_senseless_spans_are_refused_by_form_and_database(
    tenant: Tenant, setting: dict[str, timedelta]
) -> None:
    calendar = Calendar(sub_account=tenant.sub_account, name="Odd", slug="odd", **setting)

    with pytest.raises(ValidationError) as refusal:
        calendar.clean_fields()
    assert set(refusal.value.message_dict) == set(setting)

    with pytest.raises(IntegrityError), transaction.atomic():
        calendar.save()
