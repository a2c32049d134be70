"""Service menus are made, edited and deleted by the sub-account's admins."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import TenantRequest
from accounts.roles import sub_account_admin_required
from calendars.forms.menus import MenuForm
from calendars.models import CalendarGroup
from calendars.services.menus import services_of


@sub_account_admin_required
@require_safe
def menus(request: TenantRequest, sub_account: str) -> HttpResponse:
    found = CalendarGroup.objects.within(request.sub_account).annotate(services=Count("calendar"))
    context = {
        "rows": [(menu, _public_address(menu)) for menu in found.select_related("sub_account")],
        "has_services": services_of(request.sub_account).exists(),
    }
    return render(request, "calendars/menus/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sub_account_admin_required
def menu_new(request: TenantRequest, sub_account: str) -> HttpResponse:
    return _edit(request, CalendarGroup(sub_account=request.sub_account), _("“%(name)s” is there."))


@require_http_methods(["GET", "HEAD", "POST"])
@sub_account_admin_required
def menu(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    return _edit(request, _menu(request, pk), _("“%(name)s” is saved."))


@sub_account_admin_required
@require_POST
def menu_delete(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    found = _menu(request, pk)
    found.delete()
    said = _("“%(name)s” is gone. Its services stay, each on its own page.")
    messages.success(request, said % {"name": found.name})
    return redirect("calendars:menus", sub_account)


def _edit(request: TenantRequest, found: CalendarGroup, said: str) -> HttpResponse:
    title, address = found.name, _public_address(found) if found.pk else ""
    form = MenuForm(
        request.POST if request.method == "POST" else None,
        instance=found,
        services=list(services_of(request.sub_account).select_related("group")),
    )
    if form.is_valid() and form.save_once():
        messages.success(request, said % {"name": form.instance})
        return redirect("calendars:menu", request.sub_account.slug, form.instance.pk)
    context = {"menu": found, "title": title, "address": address, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "calendars/menus/edit.html", context, status=status)


def _menu(request: TenantRequest, pk: int) -> CalendarGroup:
    here = CalendarGroup.objects.within(request.sub_account).select_related("sub_account")
    return get_object_or_404(here, pk=pk)


def _public_address(menu: CalendarGroup) -> str:
    return f"{settings.SITE_URL}/book/{menu.sub_account.slug}/menu/{menu.slug}/"
