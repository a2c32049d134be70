from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.middleware import TenantRequest
from integrations.forms.calendars import ConflictsForm, LinkedForm
from integrations.forms.rules import ReadingRulesForm
from integrations.models import ConflictCalendar, Connection, RemoteCalendar
from integrations.services.configuring import (
    Choice,
    NotSelectable,
    choice_of,
    choose_conflicts,
    choose_linked,
    configuration_of,
    offered,
)
from integrations.services.departing import upcoming_parts
from integrations.services.overview import panel_of
from integrations.services.previewing import Preview, preview
from integrations.services.reading_rules import NoLongerChosen, change_rules

View = Callable[[TenantRequest, str], HttpResponse]


def connection_required(view: View) -> View:
    """There is nothing to configure before the first connection."""

    @wraps(view)
    def gated(request: TenantRequest, sub_account: str) -> HttpResponse:
        if Connection.objects.of(request.user, request.sub_account).exists():
            return view(request, sub_account)
        messages.info(
            request, _("Connect an iCloud account first: then Calendar Configuration appears.")
        )
        return redirect("integrations:connections", sub_account)

    return gated


@require_GET
@connection_required
def configuration(request: TenantRequest, sub_account: str) -> HttpResponse:
    panel = panel_of(request.user, request.sub_account, timezone.now())
    return render(request, "integrations/configuration.html", {"panel": panel})


@require_GET
@connection_required
def configuration_state(request: TenantRequest, sub_account: str) -> HttpResponse:
    """The panel alone, for a page that asks again."""
    panel = panel_of(request.user, request.sub_account, timezone.now())
    return render(request, "integrations/configuration_state.html", {"panel": panel})


@require_http_methods(["GET", "HEAD", "POST"])
@connection_required
def linked(request: TenantRequest, sub_account: str) -> HttpResponse:
    before = choice_of(request.user, request.sub_account)
    form = LinkedForm(
        request.POST if request.method == "POST" else None,
        calendars=offered(request.user, request.sub_account),
        choice=before,
        upcoming=upcoming_parts(request.user, request.sub_account).count(),
    )
    if form.is_valid():
        calendar = form.cleaned_data["calendar"]
        try:
            taken = choose_linked(
                configuration_of(request.user, request.sub_account),
                calendar,
                takes_upcoming=form.takes_upcoming,
            )
        except NotSelectable as reason:
            form.add_error("calendar", str(reason))
        else:
            messages.success(request, _where_written(calendar))
            _tell_what_follows(request, before, calendar, taken)
            return redirect("integrations:configuration", sub_account)
    return _dialog(request, "integrations/linked.html", form)


def _where_written(calendar: RemoteCalendar | None) -> str:
    if calendar is None:
        return _("Saved. Appointments are not written to iCloud from now on.")
    said = _("Saved. Appointments are written to “%(calendar)s” from now on.")
    return said % {"calendar": calendar}


def _tell_what_follows(
    request: TenantRequest, before: Choice, calendar: RemoteCalendar | None, taken: int
) -> None:
    if taken:
        said = ngettext(
            "%(number)s upcoming appointment is being written to “%(calendar)s”.",
            "%(number)s upcoming appointments are being written to “%(calendar)s”.",
            taken,
        )
        messages.info(request, said % {"number": taken, "calendar": calendar})
    if before.linked in before.conflicts and before.linked != calendar:
        still = _("“%(calendar)s” is still checked for conflicts.")
        messages.info(request, still % {"calendar": before.linked})


@require_http_methods(["GET", "HEAD", "POST"])
@connection_required
def conflicts(request: TenantRequest, sub_account: str) -> HttpResponse:
    form = ConflictsForm(
        request.POST if request.method == "POST" else None,
        calendars=offered(request.user, request.sub_account),
        choice=choice_of(request.user, request.sub_account),
    )
    if form.is_valid():
        calendars = form.cleaned_data["calendars"]
        try:
            choose_conflicts(configuration_of(request.user, request.sub_account), calendars)
        except NotSelectable as reason:
            form.add_error("calendars", str(reason))
        else:
            messages.success(request, _("Saved. Your conflict calendars are being read."))
            return redirect("integrations:configuration", sub_account)
    return _dialog(request, "integrations/conflicts.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
def reading_settings(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    rows = ConflictCalendar.objects.within(request.sub_account).select_related(
        "remote_calendar__busy_source"
    )
    chosen = get_object_or_404(rows, configuration__user=request.user, remote_calendar=pk)
    form = ReadingRulesForm(request.POST if request.method == "POST" else None, rules=chosen.rules)
    if form.is_valid() and "preview" in request.POST:
        return _dialog(
            request,
            "integrations/reading_settings.html",
            form,
            calendar=chosen.remote_calendar,
            preview=preview(chosen, form.rules, now=timezone.now()),
        )
    if form.is_valid():
        calendar = chosen.remote_calendar
        try:
            change_rules(chosen, form.rules)
        except NoLongerChosen:
            said = _("“%(calendar)s” is not checked for conflicts any more.")
            messages.error(request, said % {"calendar": calendar})
        else:
            said = _("Saved. The events of “%(calendar)s” follow these settings in a moment.")
            messages.success(request, said % {"calendar": calendar})
        return redirect("integrations:configuration", sub_account)
    return _dialog(
        request, "integrations/reading_settings.html", form, calendar=chosen.remote_calendar
    )


def _dialog(
    request: TenantRequest, template: str, form: Form, **more: RemoteCalendar | Preview
) -> HttpResponse:
    context = {
        **more,
        "form": form,
        "panel": panel_of(request.user, request.sub_account, timezone.now()),
        "close_url": reverse("integrations:configuration", args=[request.sub_account.slug]),
    }
    return render(request, template, context, status=422 if form.errors else 200)
