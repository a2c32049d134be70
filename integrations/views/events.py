"""Title and time of one's own events, changed here and written to iCloud."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import TenantRequest
from calendars.models import BlockedSlot
from calendars.services.blocking_by_hand import has_meeting_in, is_by_hand
from integrations.caldav.editing import NotEditable, Said
from integrations.forms.events import EventForm
from integrations.services.editing import (
    ChangedMeanwhile,
    Editing,
    editing_of,
    take_back,
    want_edit,
)

KEPT = gettext_noop("Its event was deleted in iCloud. Release the time instead.")


@require_http_methods(["GET", "HEAD", "POST"])
def event_edit(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    slot = _own_slot(request, pk)
    if is_by_hand(slot):
        return redirect("calendars:blocked_slot_edit", sub_account, pk)
    editing = editing_of(slot, request.member)
    if editing.event is None or editing.shown is None or _why_not(slot, editing):
        return _refused(request, slot, editing)
    sent = request.POST if request.method == "POST" else None
    form = _form(request, editing, editing.shown, data=sent)
    if form.is_valid():
        try:
            is_new = want_edit(editing.event, form.wanted, owner=request.member, version=form.seen)
        except NotEditable as refused:
            form.add_error(None, _(str(refused)))
        except ChangedMeanwhile:
            return _again(request, slot, form)
        else:
            return _saved(request, slot, form.wanted, editing, is_new=is_new)
    return _page(request, slot, form, status=422 if form.errors else 200)


@require_POST
def event_undo(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    """Take an edit back that waits, or do away with the word that one was not saved."""
    slot = _own_slot(request, pk)
    editing = editing_of(slot, request.member)
    if editing.event is not None:
        take_back(editing.event, owner=request.member)
        if editing.edit and editing.edit.is_waiting:
            messages.success(request, _("The change is taken back."))
    return redirect(_week(request, slot.starts_at))


def _why_not(slot: BlockedSlot, editing: Editing) -> str:
    return KEPT if slot.deleted_remotely_at else editing.reason


def _form(
    request: TenantRequest, editing: Editing, shown: Said, *, data: QueryDict | None = None
) -> EventForm:
    return EventForm(data, shown=shown, version=editing.version, zone=request.member.zone)


def _again(request: TenantRequest, slot: BlockedSlot, form: EventForm) -> HttpResponse:
    """What was entered, beside what the event says by now."""
    editing = editing_of(slot, request.member)
    if editing.shown is None or _why_not(slot, editing):
        return _refused(request, slot, editing)
    again = _form(request, editing, form.wanted)
    return _page(request, slot, again, now=editing.shown, status=409)


def _page(
    request: TenantRequest,
    slot: BlockedSlot,
    form: EventForm,
    *,
    status: int,
    now: Said | None = None,
) -> HttpResponse:
    context = {"form": form, "slot": slot, "now": now, "zone": request.member.zone}
    return render(request, "integrations/event_edit.html", context, status=status)


def _saved(
    request: TenantRequest,
    slot: BlockedSlot,
    wanted: Said,
    before: Editing,
    *,
    is_new: bool,
) -> HttpResponse:
    if is_new:
        is_move = before.stands is None or before.stands.span != wanted.span
        messages.success(request, _being_saved(is_move=is_move))
    else:
        messages.info(request, _("Nothing was changed: the event says that already."))
    taken = BlockedSlot(user=slot.user, starts_at=wanted.starts_at, ends_at=wanted.ends_at)
    if has_meeting_in(taken):
        messages.warning(request, _("You have a meeting in that time. It stays as it is."))
    return redirect(_week(request, wanted.starts_at))


def _being_saved(*, is_move: bool) -> str:
    if is_move:
        return _(
            "Your change is being saved to iCloud. Until iCloud has it, the old and the new time "
            "are both blocked."
        )
    return _("Your change is being saved to iCloud.")


def _refused(request: TenantRequest, slot: BlockedSlot, editing: Editing) -> HttpResponse:
    messages.error(request, _(_why_not(slot, editing)))
    return redirect("calendars:blocked_slot", request.sub_account.slug, slot.pk)


def _own_slot(request: TenantRequest, pk: int) -> BlockedSlot:
    own = BlockedSlot.objects.within(request.sub_account).select_related("source", "user")
    return get_object_or_404(own.filter(user=request.user), pk=pk)


def _week(request: TenantRequest, at: datetime) -> str:
    day = at.astimezone(request.member.zone).date()
    return f"{reverse('calendars:week', args=[request.sub_account.slug])}?date={day}"
