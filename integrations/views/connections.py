from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.middleware import TenantRequest
from accounts.models import Member
from accounts.services import throttling
from integrations.forms.connections import ConnectForm, DisconnectForm, PasswordForm
from integrations.models import Connection
from integrations.services.connecting import connect, refresh_calendars, replace_password
from integrations.services.disconnecting import disconnect, loss_of, pause, resume
from integrations.services.overview import connections_of, status_of
from integrations.services.past_syncs import RUNS_ARE_KEPT, history_of
from integrations.services.proving import ConnectingError
from integrations.services.scheduling import sync_soon
from integrations.services.status import why_not_asked

# Apple may lock an account after many refusals, whoever tries.
CONNECT_TRIES, HOUR = 20, timedelta(hours=1)
CANNOT_REMOVE = gettext_lazy(
    "Its events cannot be removed any more: the password was refused meanwhile. Replace it first, "
    "or disconnect and delete them by hand."
)


@require_GET
def connections(request: TenantRequest, sub_account: str) -> HttpResponse:
    mine = connections_of(request.user, request.sub_account, timezone.now())
    context = {"overviews": mine, "others": _elsewhere(request)}
    return render(request, "integrations/connections.html", context)


@require_GET
def connection_new(request: TenantRequest, sub_account: str) -> HttpResponse:
    return render(request, "integrations/connection_new.html")


@require_GET
def profile_integrations(request: TenantRequest, sub_account: str) -> HttpResponse:
    mine = connections_of(request.user, request.sub_account, timezone.now())
    return render(request, "integrations/profile_integrations.html", {"overviews": mine})


@sensitive_post_parameters("app_password")
@require_http_methods(["GET", "HEAD", "POST"])
def connect_icloud(request: TenantRequest, sub_account: str) -> HttpResponse:
    form = ConnectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            throttling.count("connect", str(request.user.pk), limit=CONNECT_TRIES, per=HOUR)
            connection = connect(
                user=request.user,
                sub_account=request.sub_account,
                apple_id=form.cleaned_data["apple_id"],
                password=form.cleaned_data["app_password"],
            )
        except (ConnectingError, throttling.TooOften) as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _(
                "%(account)s is connected. Next, choose its calendars in Calendar Configuration."
            )
            messages.success(request, said % {"account": connection.account_name})
            return redirect("integrations:connections", sub_account)
    context = {"form": form, "demo_apple_id": getattr(settings, "DEMO_APPLE_ID", "")}
    return render(request, "integrations/connect.html", context, status=_status(form))


@require_GET
def connection_status(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    """The state alone, for a page that asks again: nothing where it shows the same already, and
    the whole page anew where other buttons belong to it now."""
    mine = Connection.objects.of(request.user, request.sub_account)
    connection = mine.select_related("remote_account").filter(pk=pk).first()
    was = request.GET.get("state")
    if connection is None and was == Connection.State.LEAVING:
        return HttpResponseClientRefresh()
    if connection is None:
        raise Http404
    if was and was != connection.state:
        return HttpResponseClientRefresh()
    status = status_of(connection, timezone.now())
    if request.GET.get("seen") == status.mark:
        return HttpResponse(status=204)
    context = {"connection": connection, "status": status}
    return render(request, "integrations/connection_status.html", context)


@require_GET
def connection_history(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    everything = "all" in request.GET
    context = {
        "connection": connection,
        "history": history_of(connection, everything=everything),
        "shows_all": everything,
        "kept_for": RUNS_ARE_KEPT,
    }
    return render(request, "integrations/connection_history.html", context)


@require_POST
def connection_sync(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    reason = why_not_asked(connection, timezone.now())
    if reason:
        messages.warning(request, reason)
    else:
        sync_soon(connection)
        said = _("%(account)s is being synced. Its state below says when that is done.")
        messages.success(request, said % {"account": connection.account_name})
    return redirect("integrations:connections", sub_account)


@require_POST
def connection_refresh(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    reason = why_not_asked(connection, timezone.now())
    if reason:
        messages.warning(request, reason)
        return redirect("integrations:connections", sub_account)
    try:
        refresh_calendars(connection)
    except ConnectingError as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("The list of calendars of %(account)s is up to date.")
        messages.success(request, said % {"account": connection.account_name})
    return redirect("integrations:connections", sub_account)


@sensitive_post_parameters("app_password")
@require_http_methods(["GET", "HEAD", "POST"])
def connection_password(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    form = PasswordForm(
        request.POST if request.method == "POST" else None,
        initial={"apple_id": connection.account_name},
    )
    if form.is_valid():
        try:
            throttling.count("connect", str(request.user.pk), limit=CONNECT_TRIES, per=HOUR)
            replace_password(
                connection,
                form.cleaned_data["app_password"],
                apple_id=form.cleaned_data["apple_id"],
            )
        except (ConnectingError, throttling.TooOften) as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("%(account)s has its new password. Your choices are kept.")
            messages.success(request, said % {"account": connection.account_name})
            return redirect("integrations:connections", sub_account)
    context = {"form": form, "connection": connection}
    return render(request, "integrations/connection_password.html", context, status=_status(form))


@require_POST
def connection_pause(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    if pause(connection):
        said = _("%(account)s is paused. What it blocks stays blocked.")
        messages.success(request, said % {"account": connection.account_name})
    else:
        messages.warning(request, _unchanged(connection))
    return redirect("integrations:connections", sub_account)


@require_POST
def connection_resume(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    if resume(connection):
        said = _("%(account)s goes on and is being synced.")
        messages.success(request, said % {"account": connection.account_name})
    else:
        messages.warning(request, _unchanged(connection))
    return redirect("integrations:connections", sub_account)


def _unchanged(connection: Connection) -> str:
    """What is said where a button could not do what it says, such as on an old page."""
    said = _("%(account)s is not being synced. Its state below says why, and what to do.")
    return said % {"account": connection.account_name}


@require_http_methods(["GET", "HEAD", "POST"])
def connection_disconnect(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    connection = _own(request, pk)
    loss = loss_of(connection)
    data = request.POST if request.method == "POST" else None
    form = DisconnectForm(data, events=loss.events if loss.can_remove else 0)
    if loss.events and not loss.can_remove and "removes_events" in request.POST:
        # The page that was sent offered it: what can't be kept is said before anything is done.
        form.add_error(None, CANNOT_REMOVE)
    if form.is_valid():
        disconnect(connection, removes_events=form.removes_events)
        messages.success(request, _farewell(connection))
        return redirect("integrations:connections", sub_account)
    context = {
        "connection": connection,
        "form": form,
        "loss": loss,
        "close_url": reverse("integrations:connections", args=[sub_account]),
    }
    status = _status(form)
    return render(request, "integrations/connection_disconnect.html", context, status=status)


def _elsewhere(request: TenantRequest) -> str:
    """What somebody has to know who works in other sub-accounts as well."""
    places = Member.objects.filter(user=request.user).exclude(sub_account=request.sub_account)
    names = [f"“{place.sub_account}”" for place in places.select_related("sub_account")]
    if not names:
        return ""
    said = _(
        "What you connect here is read for %(here)s. For %(elsewhere)s, connect your account there "
        "again: the same app-specific password will do."
    )
    return said % {"here": request.sub_account.name, "elsewhere": ", ".join(names)}


def _farewell(connection: Connection) -> str:
    connection.refresh_from_db(fields=["state"])
    if connection.state == Connection.State.LEAVING:
        said = _(
            "%(account)s is being disconnected: first its upcoming appointments’ events are "
            "removed from iCloud, then its password is erased."
        )
    else:
        said = _("%(account)s is disconnected and its password erased.")
    return said % {"account": connection.account_name}


def _own(request: TenantRequest, pk: int) -> Connection:
    mine = Connection.objects.of(request.user, request.sub_account)
    connection: Connection = get_object_or_404(mine.select_related("remote_account"), pk=pk)
    return connection


def _status(form: forms.Form) -> int:
    return 422 if form.errors else 200
