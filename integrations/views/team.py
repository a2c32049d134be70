from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.middleware import TenantRequest
from accounts.models import Member
from accounts.roles import sub_account_admin_required
from accounts.services.memberships import LastAdmin, is_last_admin
from integrations.models import Connection
from integrations.services.leaving import meetings_to_reassign, remove_member


@require_http_methods(["GET", "HEAD", "POST"])
@sub_account_admin_required
def member_remove(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    rows = Member.objects.within(request.sub_account).select_related("user", "sub_account")
    member = get_object_or_404(rows, pk=pk)
    if request.method != "POST":
        return render(request, "accounts/remove_member.html", _consequences(member))
    left_behind = len(meetings_to_reassign(member, timezone.now()))
    try:
        remove_member(member, by=request.user)
    except LastAdmin:
        return render(request, "accounts/remove_member.html", _consequences(member), status=422)
    said = _("%(name)s is no longer a member of %(here)s.")
    messages.success(request, said % {"name": member.user, "here": member.sub_account})
    if member.user == request.user:
        return redirect("home")
    if left_behind:
        said = ngettext(
            "%(number)s upcoming meeting still to give to another host. See Appointments, Needs "
            "attention.",
            "%(number)s upcoming meetings still to give to another host. See Appointments, Needs "
            "attention.",
            left_behind,
        )
        messages.warning(request, said % {"number": left_behind})
    return redirect("accounts:team", sub_account)


def _consequences(member: Member) -> dict[str, object]:
    return {
        "member": member,
        "meetings": meetings_to_reassign(member, timezone.now()),
        "connections": Connection.objects.of(member.user, member.sub_account),
        "is_last_admin": is_last_admin(member),
    }
