from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import TenantRequest
from calendars.models import MeetingHost
from integrations.services.rewriting import write_again


@require_POST
def copy_write(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    parts = MeetingHost.objects.within(request.sub_account).serving()
    part = get_object_or_404(parts.select_related("meeting__sub_account", "user"), pk=pk)
    if part.user_id != request.user.pk and not request.member.is_admin:
        raise PermissionDenied
    if write_again(part):
        messages.success(request, _("The event is being written to iCloud again."))
    else:
        nothing = _("There is nothing to write: the event is on iCloud, or on its way.")
        messages.info(request, nothing)
    appointment = part.meeting.appointments.earliest("seat", "pk")
    return redirect("calendars:appointment", sub_account, appointment.pk)
