from calendars.forms.calendars import CalendarForm
from calendars.models import Calendar
from tests.calendars.scenes import make_calendar
from tests.calendars.views.test_calendars import FILLED
from tests.conftest import Tenant


def test_an_address_taken_between_check_and_save_is_an_error_and_no_crash(tenant: Tenant) -> None:
    form = CalendarForm(
        {**FILLED, "slug": "intro"}, instance=Calendar(sub_account=tenant.sub_account)
    )
    assert form.is_valid()
    make_calendar(tenant.sub_account, slug="intro")

    is_saved = form.save_once()

    assert not is_saved
    assert form.errors == {"slug": ["Another calendar here has this address already."]}
    assert Calendar.objects.count() == 1
