"""What sub-accounts ask somebody to join, for that person to accept or decline."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import SignedInRequest
from accounts.models import Member


@login_required
@require_GET
def invitations(request: SignedInRequest) -> HttpResponse:
    mine = Member.including_invited.to_answer(request.user)
    return render(request, "accounts/invitations.html", {"invitations": mine})


@login_required
@require_POST
def invitation_accept(request: SignedInRequest, pk: int) -> HttpResponse:
    mine = Member.including_invited.to_answer(request.user).filter(pk=pk)
    invitation = get_object_or_404(mine)
    mine.accept()
    said = _("You are a member of %(name)s now.")
    messages.success(request, said % {"name": invitation.sub_account})
    return redirect("calendars:week", sub_account=invitation.sub_account.slug)


@login_required
@require_POST
def invitation_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    mine = Member.including_invited.to_answer(request.user).filter(pk=pk)
    invitation = get_object_or_404(mine)
    mine.delete()
    said = _("Declined. %(name)s has learned nothing about you.")
    messages.success(request, said % {"name": invitation.sub_account})
    return redirect("invitations")
