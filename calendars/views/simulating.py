"""What if hosts were chosen otherwise: last month's bookings, given out again."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.middleware import TenantRequest
from accounts.models import Member, User
from accounts.roles import sub_account_admin_required
from calendars.forms.simulating import SimulationForm
from calendars.models import Calendar
from calendars.services.serving import hosts_of, lets_pick_host
from calendars.services.simulating import simulate
from calendars.views.finding import calendar_of


@sub_account_admin_required
@require_safe
def simulate_calendar(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    calendar = calendar_of(request, pk)
    people, priorities = _people(calendar)
    form = SimulationForm(
        request.GET if "mode" in request.GET else None,
        calendar=calendar,
        people=people,
        priorities=priorities,
    )
    is_valid = form.is_valid()
    context = {
        "calendar": calendar,
        "chooses": lets_pick_host(calendar),
        "form": form,
        "simulation": simulate(calendar, form.trial(), now=timezone.now()) if is_valid else None,
        "zone": calendar.zone,
    }
    status = 422 if form.errors else 200
    return render(request, "calendars/simulate.html", context, status=status)


def _people(calendar: Calendar) -> tuple[list[User], dict[int, int]]:
    """The sub-account's members, the hosts in their order first; and the hosts' priorities."""
    hosts = list(hosts_of(calendar).select_related("user"))
    priorities = {host.user_id: host.priority for host in hosts}
    members = Member.objects.within(calendar.sub_account).active().select_related("user")
    others = [member.user for member in members if member.user_id not in priorities]
    return [*(host.user for host in hosts), *others], priorities
